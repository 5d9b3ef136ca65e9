import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture } from './fixture.ts'

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

test('with the breaker off an endpoint that only fails gets everything', async () => {
  const endpoint = await fixture.endpoint(() => 500, { circuitBreaker: false })
  await endpoint.accept(40)
  await endpoint.receiver.waitFor(40)
})
