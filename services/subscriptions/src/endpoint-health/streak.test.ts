import { expect, test } from 'vitest'
import { continueStreak, percentOf, type Streak } from './streak.ts'

const policy = { consecutiveFailures: 10, minimumSpanMs: 3_600_000, noticeAtPercent: [50, 75, 90] }

/** So many failures of so many deliveries, evenly over so many minutes. */
function streakOf(failures: number, deliveries: number, minutes: number): Streak {
  let streak: Streak | undefined
  for (let i = 0; i < failures; i++) {
    const at = failures > 1 ? Math.round((i / (failures - 1)) * minutes * 60_000) : 0
    streak = continueStreak(streak, `dlv_${i % deliveries}`, at)
  }
  if (!streak) throw new Error('no failures')
  return streak
}

test.each<[failures: number, deliveries: number, minutes: number, percent: number]>([
  [10, 10, 60, 100],
  [50, 10, 600, 100],
  [9, 9, 600, 90],
  [1_000, 500, 30, 50],
  [5, 5, 600, 50],
  [100, 1, 600, 0],
  [100, 2, 600, 0],
  [100, 3, 600, 100],
  [1, 1, 0, 0],
])('%i failures of %i deliveries within %i minutes are %i percent', (failures, deliveries, minutes, percent) => {
  expect(percentOf(streakOf(failures, deliveries, minutes), policy)).toBe(percent)
})

test('without a minimum span the count alone decides', () => {
  expect(percentOf(streakOf(10, 10, 0), { ...policy, minimumSpanMs: 0 })).toBe(100)
})

test('a policy of one failure needs one delivery', () => {
  expect(percentOf(streakOf(1, 1, 0), { ...policy, consecutiveFailures: 1, minimumSpanMs: 0 })).toBe(100)
})

test('failures that are told in another order are the same streak', () => {
  const late = continueStreak(undefined, 'dlv_1', 2_000)
  expect(continueStreak(late, 'dlv_2', 1_000)).toMatchObject({
    firstFailureAt: 1_000,
    lastFailureAt: 2_000,
    failures: 2,
  })
})
