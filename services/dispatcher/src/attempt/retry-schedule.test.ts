import { expect, test } from 'vitest'
import { nextRetryDelayMs } from './retry-schedule.ts'

const policy = { delaysMs: [1_000, 10_000, 60_000], jitter: 0.2 }

test.each([
  { retries: 0, random: 0, delayMs: 1_000 },
  { retries: 0, random: 1, delayMs: 1_200 },
  { retries: 1, random: 0.5, delayMs: 11_000 },
  { retries: 2, random: 0, delayMs: 60_000 },
  { retries: 3, random: 0, delayMs: undefined },
])('after $retries retries and with random $random the delay is $delayMs', ({ retries, random, delayMs }) => {
  expect(nextRetryDelayMs(retries, policy, () => random)).toBe(delayMs)
})

test('an empty schedule never retries', () => {
  expect(nextRetryDelayMs(0, { delaysMs: [], jitter: 0 }, () => 0)).toBeUndefined()
})

test('an endless schedule repeats its last delay', () => {
  expect([2, 3, 30].map((retries) => nextRetryDelayMs(retries, { ...policy, endless: true }, () => 0))).toEqual([
    60_000, 60_000, 60_000,
  ])
  expect(nextRetryDelayMs(0, { delaysMs: [], jitter: 0, endless: true }, () => 0)).toBe(60_000)
})
