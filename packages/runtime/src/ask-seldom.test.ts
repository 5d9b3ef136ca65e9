import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askSeldom } from './ask-seldom.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('readers within a few seconds share one answer', async () => {
  let asked = 0
  let nowMs = 0
  const ask = askSeldom(
    () => Promise.resolve(++asked),
    () => nowMs,
  )
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
  nowMs = 2_999
  expect(await ask()).toBe(1)
  nowMs = 3_000
  expect(await ask()).toBe(2)
})

test('nobody waits longer than a second for an answer that does not come', async () => {
  const answer = askSeldom(() => new Promise<number>(() => undefined))()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await answer).toBeUndefined()
})

test('who refuses to answer has none', async () => {
  expect(await askSeldom(() => Promise.reject(new Error('no')))()).toBeUndefined()
})
