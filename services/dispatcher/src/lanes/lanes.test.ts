import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Capacity } from './capacity.ts'
import { createLanes } from './lanes.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('what many lanes put off at one moment goes to the calendar a few at a time, within half a second', async () => {
  let now = 0
  const lanes = createLanes({
    now: () => now,
    random: () => 0,
    capacity: new Capacity(1_000),
    team: () => team,
    keeps: () => true,
    isCrowded: () => false,
    recovered: () => undefined,
    paused: () => undefined,
  })
  const team = { count: 1, since: -Infinity }
  const rules = { concurrency: 1, rateLimit: null, circuitBreaker: true, exclusive: false }
  const coming = { due: false, probing: false }
  let deferred = 0
  const pass = async (untilMs: number): Promise<void> => {
    while (now < untilMs) {
      now += 25
      await vi.advanceTimersByTimeAsync(25)
    }
  }
  for (let index = 0; index < 100; index++) {
    const subscription = { id: `sub_${index}`, tenant: 'acme' }
    void lanes.enter(subscription, rules, coming)
    void Promise.resolve(lanes.enter(subscription, rules, coming)).then(() => deferred++)
  }
  await pass(1_975)
  expect(deferred).toBe(0)
  await pass(2_050)
  expect(deferred).toBeGreaterThan(0)
  expect(deferred).toBeLessThan(30)
  await pass(2_600)
  expect(deferred).toBe(100)
  lanes.stop()
})
