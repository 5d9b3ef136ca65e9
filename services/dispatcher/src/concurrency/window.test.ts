import { expect, test } from 'vitest'
import { Window } from './window.ts'

function sizesAfter(answers: number, durationMs: number, limit: number): number[] {
  const window = new Window()
  return Array.from({ length: answers }, () => {
    window.answered(durationMs, limit)
    return window.size(limit)
  })
}

test('starts low and grows with every quick answer, up to the limit', () => {
  expect(new Window().size(10)).toBe(1)
  expect(sizesAfter(10, 5, 10)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 10])
})

test('grows by one per round while answers are slow', () => {
  expect(sizesAfter(11, 5_000, 10)).toEqual([2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4])
})

test('collapses to one and grows again', () => {
  const window = new Window()
  for (let i = 0; i < 8; i++) window.answered(5, 10)
  window.collapse()
  expect(window.size(10)).toBe(1)
  window.answered(5, 10)
  expect(window.size(10)).toBe(2)
})

test('never exceeds a limit, also one that was lowered', () => {
  const window = new Window()
  for (let i = 0; i < 9; i++) window.answered(5, 10)
  expect([1, 3, 10].map((limit) => window.size(limit))).toEqual([1, 3, 10])
})
