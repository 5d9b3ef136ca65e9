import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createId, deliveryIdOf } from './identifiers.ts'

test('the id of a delivery is the beginning of a digest of what it is derived from', () => {
  const digest = createHash('sha256').update('acme\0order-4711\0sub_1').digest('hex')
  expect(deliveryIdOf('acme', 'order-4711', 'sub_1')).toBe(`dlv_${digest.slice(0, 32)}`)
})

test('an id holds its time, then what was drawn or given', () => {
  const entropy = Buffer.from('00010203040506070809ffff', 'hex')
  expect(createId('evt', 0x0123456789ab, entropy)).toBe('evt_0123456789ab00010203040506070809')
  expect(createId('att', 1)).toMatch(/^att_000000000001[0-9a-f]{20}$/)
})

test('ids that are drawn differ, and sort by time', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => createId('att', 1_000 + Math.floor(index / 100)))
  expect(new Set(ids).size).toBe(ids.length)
  const times = ids.map((id) => id.slice(0, 16))
  expect(times.toSorted()).toEqual(times)
})
