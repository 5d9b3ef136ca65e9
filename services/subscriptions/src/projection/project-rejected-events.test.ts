import { expect, test } from 'vitest'
import { rejectedRow } from './project-rejected-events.ts'

const rejected = (payload: string | Uint8Array, fields: Record<string, string> = {}) =>
  rejectedRow({
    seq: 7,
    subject: 'rejected.acme.deposit.settled',
    data: Buffer.from(payload),
    headers: { get: (name: string) => fields[name] ?? '' },
    time: new Date(1_000),
  })

test('a rejected event shows who sent what and why it was refused', () => {
  const fields = { 'Jethook-Event-Id': 'e1', 'Jethook-Rejected-Code': 'invalid_json', 'Jethook-Rejected-Reason': 'no' }
  expect(rejected('{', fields)).toEqual({
    sequence: 7,
    tenant: 'acme',
    type: 'deposit.settled',
    id: 'e1',
    code: 'invalid_json',
    reason: 'no',
    payload: '{',
    size: 1,
    rejectedAt: 1_000,
  })
})

test('at most 16 KiB of the payload are shown, without half a character at the end', () => {
  const { payload, size } = rejected('a'.repeat(16_383) + 'é'.repeat(10))
  expect(payload).toBe('a'.repeat(16_383))
  expect(size).toBe(16_403)
})

test('the size is the one before ingest cut the payload', () => {
  expect(rejected('abc', { 'Jethook-Original-Size': '2000000' }).size).toBe(2_000_000)
})

test('bytes that are no text, and NULs, do no harm', () => {
  expect(rejected(Buffer.from([0x61, 0x00, 0xff, 0x62])).payload).toBe('a\uFFFDb')
})
