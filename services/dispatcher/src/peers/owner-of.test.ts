import { expect, test } from 'vitest'
import { ownerOf } from './owner-of.ts'

const keys = Array.from({ length: 300 }, (_, i) => `sub_${i}`)

test('all name the same owner, in whatever order they know each other', () => {
  for (const key of keys) expect(ownerOf(key, ['a', 'b', 'c'])).toBe(ownerOf(key, ['c', 'a', 'b']))
})

test('each gets its share', () => {
  const counts = ['a', 'b', 'c'].map((id) => keys.filter((key) => ownerOf(key, ['a', 'b', 'c']) === id).length)
  expect(Math.min(...counts)).toBeGreaterThan(60)
})

test('when one goes only what it owned changes hands', () => {
  for (const key of keys) {
    const before = ownerOf(key, ['a', 'b', 'c'])
    if (before !== 'c') expect(ownerOf(key, ['a', 'b'])).toBe(before)
  }
})

test('nobody owns anything where nobody is', () => {
  expect(ownerOf('sub_1', [])).toBeUndefined()
})
