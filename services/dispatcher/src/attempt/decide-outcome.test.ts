import { expect, test } from 'vitest'
import { decideOutcome } from './decide-outcome.ts'

const policy = { delaysMs: [5_000], jitter: 0 }
const decide = (succeeded: boolean, retries: number) => decideOutcome({ succeeded, retries }, policy, 1_000, () => 0)

test('a success is delivered', () => {
  expect(decide(true, 0)).toEqual({ type: 'delivered' })
})

test('a failure is retried when the schedule says', () => {
  expect(decide(false, 0)).toEqual({ type: 'retry', at: 6_000 })
})

test('a failure after the last retry gives up', () => {
  expect(decide(false, 1)).toEqual({ type: 'gave_up', reason: 'schedule_exhausted' })
})
