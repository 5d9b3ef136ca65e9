import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { thresholds } from '../src/breaker/breaker.ts'
import { startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

test('an endpoint that only fails is left alone, and gets everything when it is back, each with all its attempts', async () => {
  let isUp = false
  const endpoint = await fixture.endpoint(() => (isUp ? 200 : 500), { retryScheduleMs: [60_000] })
  await endpoint.accept(60)
  const outcomes = await endpoint.outcomes(60)
  const failed = endpoint.receiver.requests.length
  expect(failed).toBeLessThan(20)
  const deferred = outcomes.filter(({ outcome }) => outcome.type === 'deferred')
  expect(deferred.map(({ outcome }) => outcome)).toEqual(
    deferred.map(() => ({ type: 'deferred', reason: 'circuit_open', at: expect.any(Number) })),
  )
  expect(deferred).toHaveLength(60 - failed)

  isUp = true
  // A few find out that it is back, one at first; then all the others come.
  await endpoint.receiver.waitFor(60, 30_000)
  const delivered = await waitFor(() => {
    const found = fixture.outcomes.filter(({ subscriptionId, outcome }) => {
      return subscriptionId === endpoint.id && outcome.type === 'delivered'
    })
    return found.length === deferred.length && found
  })
  expect(delivered.map(({ attempt }) => attempt?.number)).toEqual(deferred.map(() => 1))
})

test('what piled up during an outage comes at the rate of the subscription, and begins with one at a time', async () => {
  let isUp = false
  let now = 0
  const together: number[] = []
  const endpoint = await fixture.endpoint(
    async () => {
      if (!isUp) return 500
      together.push(++now)
      await delay(20)
      now--
      return 200
    },
    { retryScheduleMs: [100, 100, 100, 100, 100], rateLimit: { perSecond: 40, burst: 1 } },
  )
  await endpoint.accept(80)
  await waitFor(() => outcomesOf(endpoint.id).some(({ outcome }) => isCircuitOpen(outcome)))
  isUp = true
  await waitFor(() => delivered(endpoint.id).length === 80, { timeoutMs: 40_000 })
  expect(together.slice(0, 1)).toEqual([1])
  expect(Math.max(...together.slice(0, 4))).toBeLessThanOrEqual(3)
  const times = delivered(endpoint.id).map(({ attempt }) => attempt?.startedAt ?? 0)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan((79 / 40) * 900)
})

const outcomesOf = (id: string) => fixture.outcomes.filter(({ subscriptionId }) => subscriptionId === id)
const delivered = (id: string) => outcomesOf(id).filter(({ outcome }) => outcome.type === 'delivered')
const isCircuitOpen = (outcome: { type: string; reason?: string }): boolean =>
  outcome.type === 'deferred' && outcome.reason === 'circuit_open'

test('resumed while the breaker is open, an endpoint that is back gets what was kept, although nothing new finds out', async () => {
  let isUp = false
  const endpoint = await fixture.endpoint(() => (isUp ? 200 : 500), { retryScheduleMs: [600_000] })
  const about = { tenant, at: Date.now(), by: 'operator', subscriptionId: endpoint.id }
  await endpoint.accept(thresholds.failuresInRow)
  await endpoint.outcomes(thresholds.failuresInRow)
  await fixture.decide({ type: 'SubscriptionPaused', ...about }, 'subscription', endpoint.id)
  await endpoint.accept(20, thresholds.failuresInRow)
  await endpoint.outcomes(thresholds.failuresInRow + 20)
  isUp = true
  await fixture.decide({ type: 'SubscriptionResumed', ...about }, 'subscription', endpoint.id)
  await endpoint.receiver.waitFor(thresholds.failuresInRow + 20, 20_000)
})

test('with the breaker off an endpoint that only fails gets everything', async () => {
  const endpoint = await fixture.endpoint(() => 500, { circuitBreaker: false })
  await endpoint.accept(40)
  await endpoint.receiver.waitFor(40)
})
