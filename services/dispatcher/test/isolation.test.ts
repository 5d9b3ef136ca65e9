import { eventsConsumer, StreamName } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher({ MAX_IN_FLIGHT: 60 })
})
afterAll(() => fixture?.stop())

test('what a slow endpoint cannot take now is deferred without using up an attempt, and arrives later', async () => {
  const free = Promise.withResolvers<number>()
  const endpoint = await fixture.endpoint(() => free.promise, { concurrency: 1 })
  await endpoint.accept(1)
  const [first] = await endpoint.receiver.waitFor(1)
  await waitFor(() => Date.now() - (first?.receivedAtMs ?? 0) > 1_500)
  await endpoint.accept(1, 1)
  const [deferred] = await endpoint.outcomes(1)
  expect(deferred).toMatchObject({ outcome: { type: 'deferred', reason: 'saturated' }, attempt: null })

  free.resolve(200)
  const outcomes = await endpoint.outcomes(3)
  expect(outcomes.slice(1).map(({ outcome, attempt }) => [outcome.type, attempt?.number])).toEqual([
    ['delivered', 1],
    ['delivered', 1],
  ])
  expect(endpoint.numbers()).toEqual([0, 1])
})

test('more hanging endpoints than the dispatcher has room for do not keep the others from being quick', async () => {
  const hanging = await Promise.all(
    Array.from({ length: 100 }, () => fixture.endpoint(() => 'hang', { timeoutMs: 20_000 })),
  )
  const healthy = await Promise.all(Array.from({ length: 10 }, () => fixture.endpoint()))
  await Promise.all(healthy.map((endpoint) => endpoint.accept(1)))
  await Promise.all(healthy.map(({ receiver }) => receiver.waitFor(1)))
  await Promise.all(hanging.map((endpoint) => endpoint.accept(5)))
  await waitFor(() => hanging.filter(({ receiver }) => receiver.requests.length > 0).length >= 10)

  for (let n = 1; n < 30; n++) await Promise.all(healthy.map((endpoint) => endpoint.accept(1, n)))
  await Promise.all(healthy.map(({ receiver }) => receiver.waitFor(30, 10_000)))
  // The events of those that hang went to the calendar: they do not fill the consumer either.
  await waitFor(
    async () => {
      const info = await fixture.broker.manager.consumers.info(StreamName.events, eventsConsumer.name)
      return info.num_pending === 0 && info.num_ack_pending <= 40
    },
    { what: 'the consumer to be free', timeoutMs: 20_000 },
  )
})
