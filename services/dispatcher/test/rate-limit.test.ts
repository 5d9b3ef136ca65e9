import { calendarSubject, dueSubject, MessageHeader, StreamName, type CalendarEntry } from '@jethook/contracts'
import { messageHeaders, type Service } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture
let first: Service

beforeAll(async () => {
  fixture = await startFixture()
  first = await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

test('a burst goes at once, what is more at the rate', async () => {
  const endpoint = await fixture.endpoint(undefined, { rateLimit: { perSecond: 1, burst: 20 }, concurrency: 100 })
  await endpoint.accept(22)
  const times = (await endpoint.receiver.waitFor(22, 20_000)).map(({ receivedAtMs }) => receivedAtMs)
  const tookMs = (times.at(-1) ?? 0) - (times[0] ?? 0)
  // With the burst alone it would take no time, at the rate alone 21 seconds.
  expect(tookMs).toBeGreaterThan(1_000)
  expect(tookMs).toBeLessThan(12_000)
})

test('a limit holds while dispatchers join and leave, uses up no attempt and loses nothing', async () => {
  const perSecond = 40
  const endpoint = await fixture.endpoint(undefined, { rateLimit: { perSecond, burst: 1 } })
  await endpoint.accept(320)
  await endpoint.receiver.waitFor(80)
  await fixture.startDispatcher()
  await endpoint.receiver.waitFor(200, 20_000)
  await first.stop()
  const requests = await endpoint.receiver.waitFor(320, 30_000)

  const times = requests.map(({ receivedAtMs }) => receivedAtMs)
  const [start = 0, end = 0] = [times[0], times.at(-1)]
  expect(end - start).toBeGreaterThan((319 / perSecond) * 950)
  expect(mostWithin(1_000, times)).toBeLessThanOrEqual(perSecond * 1.3)
  expect(new Set(endpoint.numbers()).size).toBe(320)
  expect(requests).toHaveLength(320)

  const outcomes = fixture.outcomes.filter(({ subscriptionId }) => subscriptionId === endpoint.id)
  const attempts = outcomes.flatMap(({ attempt }) => attempt ?? [])
  expect(new Set(attempts.map(({ number }) => number))).toEqual(new Set([1]))
  const deferrals = outcomes.filter(({ outcome }) => outcome.type === 'deferred')
  // Each is told its turn once; a few once more, because the calendar and two dispatchers are not exact.
  expect(deferrals.length).toBeLessThan(320 * 1.3)
})

test('a limit of one subscription leaves the others alone', async () => {
  const slow = await fixture.endpoint(undefined, { rateLimit: { perSecond: 0.1, burst: 1 } })
  const free = await fixture.endpoint()
  await slow.accept(50)
  await free.accept(50)
  await free.receiver.waitFor(50)
  await slow.receiver.waitFor(1)
  expect(slow.receiver.requests).toHaveLength(1)
})

test('thousands that come from the calendar and wait for the tokens of low rate limits leave the others their places', async () => {
  const receiver = await startReceiver()
  const rateLimit = { perSecond: 1 / 15, burst: 1 }
  const limited = await Promise.all(
    Array.from({ length: 800 }, () => fixture.subscribe({ url: receiver.url, events: ['limited.none'], rateLimit })),
  )
  const free = await fixture.endpoint()
  const { state } = await fixture.broker.manager.streams.info(StreamName.events)
  const eventSequence = state.last_seq + 1
  const eventId = await fixture.accept('limited.retried', '{"n":1}')
  let entries = 0
  const retryNow = (subscriptionId: string): Promise<unknown> => {
    const entry: CalendarEntry = {
      deliveryId: `dlv_${++entries}`,
      tenant,
      subscriptionId,
      eventId,
      eventType: 'limited.retried',
      eventSequence,
      acceptedAt: Date.now(),
      attempt: 2,
      retries: 1,
      trigger: 'retry',
    }
    const headers = messageHeaders({
      [MessageHeader.schedule]: `@at ${new Date().toISOString()}`,
      [MessageHeader.scheduleTarget]: dueSubject(subscriptionId),
    })
    const subject = calendarSubject(subscriptionId, entry.deliveryId, eventSequence)
    return fixture.broker.publisher.publish(subject, JSON.stringify(entry), headers)
  }
  for (const _ of [1, 2, 3, 4, 5]) await Promise.all(limited.map(retryNow))
  await receiver.waitFor(limited.length, 20_000)
  await retryNow(free.id)
  await free.receiver.waitFor(1)
  await receiver.close()
})

/** How many of the times lie within one span of this length, at most. */
function mostWithin(spanMs: number, times: readonly number[]): number {
  return Math.max(...times.map((start, i) => times.slice(i).filter((time) => time < start + spanMs).length))
}
