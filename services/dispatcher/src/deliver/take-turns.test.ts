import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { takeTurns } from './take-turns.ts'

test('a few begin at once, the others a few per turn, in order', async () => {
  const begun: number[] = []
  const turns = takeTurns<number>((item) => begun.push(item), 2)
  for (const item of [1, 2, 3, 4, 5]) turns.add(item)
  expect(begun).toEqual([1, 2])
  await nextTurn()
  turns.add(6)
  expect(begun).toEqual([1, 2, 3, 4])
  await nextTurn()
  expect(begun).toEqual([1, 2, 3, 4, 5, 6])
  await nextTurn()
  turns.add(7)
  expect(begun.at(-1)).toBe(7)
})

test('what begins may add more', async () => {
  const begun: number[] = []
  const turns = takeTurns<number>((item) => {
    begun.push(item)
    if (item < 5) turns.add(item + 1)
  }, 2)
  turns.add(1)
  while (begun.length < 5) await nextTurn()
  expect(begun).toEqual([1, 2, 3, 4, 5])
})
