import { calendarSubjectsOf, StreamName, type DomainEvent } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
  await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

const decide = (event: DomainEvent & { subscriptionId: string }): Promise<void> =>
  fixture.decide(event, 'subscription', event.subscriptionId)
const about = (subscriptionId: string) => ({ tenant, at: Date.now(), by: 'operator', subscriptionId })
const pause = (id: string): Promise<void> => decide({ type: 'SubscriptionPaused', ...about(id) })
const resume = (id: string): Promise<void> => decide({ type: 'SubscriptionResumed', ...about(id) })

test('a paused subscription gets nothing, and everything when it is resumed, retries included', async () => {
  const failure = Promise.withResolvers<number>()
  const endpoint = await fixture.endpoint((_request, nth) => (nth === 1 ? failure.promise : 200), {
    retryScheduleMs: [700],
  })
  await endpoint.accept(1)
  await endpoint.receiver.waitFor(1)
  await pause(endpoint.id)
  // Not before: its retry is to come while it is paused.
  failure.resolve(500)
  await endpoint.outcomes(1)
  await endpoint.accept(20, 1)
  const outcomes = await endpoint.outcomes(22)
  expect(outcomes.slice(1).map(({ outcome }) => outcome)).toEqual(
    outcomes.slice(1).map(() => expect.objectContaining({ type: 'deferred', reason: 'paused' })),
  )
  expect(endpoint.receiver.requests).toHaveLength(1)

  await resume(endpoint.id)
  await endpoint.receiver.waitFor(22, 20_000)
  expect(new Set(endpoint.numbers()).size).toBe(21)
  expect(endpoint.receiver.requests).toHaveLength(22)
})

test('resumed again at once, it gets what was kept as soon as the first time', async () => {
  const endpoint = await fixture.endpoint()
  const tookMs: number[] = []
  for (const nth of [1, 2, 3]) {
    await pause(endpoint.id)
    await endpoint.accept(1, nth)
    await endpoint.outcomes(2 * nth - 1)
    await resume(endpoint.id)
    const resumedAt = Date.now()
    const requests = await endpoint.receiver.waitFor(nth)
    await endpoint.outcomes(2 * nth)
    tookMs.push(requests.at(-1)!.receivedAtMs - resumedAt)
  }
  // Looking for stragglers takes until 5 s after the time before, and is not waited for.
  const [first = 0, ...others] = tookMs
  for (const other of others) expect(other).toBeLessThan(first + 2_500)
})

test('however much was kept, it gets all of it', async () => {
  const endpoint = await fixture.endpoint()
  await pause(endpoint.id)
  // More than NATS tells at a time.
  const kept = 1_200
  await endpoint.accept(kept)
  await endpoint.outcomes(kept)
  await resume(endpoint.id)
  await endpoint.receiver.waitFor(kept, 30_000)
  expect(new Set(endpoint.numbers()).size).toBe(kept)
})

test('it gets what was kept at its own rate', async () => {
  const endpoint = await fixture.endpoint(undefined, { rateLimit: { perSecond: 10, burst: 1 } })
  await pause(endpoint.id)
  await endpoint.accept(40)
  await endpoint.outcomes(40)
  await resume(endpoint.id)
  const requests = await endpoint.receiver.waitFor(40, 20_000)
  const times = requests.map(({ receivedAtMs }) => receivedAtMs)
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(3_000)
})

test('what waits for a rate limit comes sooner when the limit is raised', async () => {
  const endpoint = await fixture.endpoint(undefined, { rateLimit: { perSecond: 0.1, burst: 1 } })
  await endpoint.accept(50)
  await endpoint.receiver.waitFor(1)
  await endpoint.outcomes(49)
  const changes = { rateLimit: { perSecond: 100, burst: 1 } }
  await decide({ type: 'SubscriptionUpdated', ...about(endpoint.id), changes })
  await endpoint.receiver.waitFor(50, 20_000)
  expect(new Set(endpoint.numbers()).size).toBe(50)
})

test('what is given other turns again and again does not grow', async () => {
  const endpoint = await fixture.endpoint(undefined, { rateLimit: { perSecond: 0.01, burst: 1 } })
  await endpoint.accept(2)
  const query = { last_by_subj: calendarSubjectsOf(endpoint.id) }
  const inCalendar = async (after: number) => {
    const message = await fixture.broker.manager.streams.getMessage(StreamName.deliveries, query)
    return message && message.seq > after && message
  }
  const headers: number[] = []
  for (let sequence = 0; headers.length < 3;) {
    const { header, seq } = await waitFor(() => inCalendar(sequence))
    sequence = seq
    headers.push(Array.from(header).flatMap(([, values]) => values).length)
    const changes = { rateLimit: { perSecond: 0.01 * (headers.length + 1), burst: 1 } }
    await decide({ type: 'SubscriptionUpdated', ...about(endpoint.id), changes })
  }
  const [, once, again] = headers
  expect(again).toBe(once)
})
