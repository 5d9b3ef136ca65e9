import { dispatchersSubject, MessageHeader } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  // Two: what a receiver says to one of them counts for the other.
  await fixture.startDispatcher()
  await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

test.each([
  ['seconds', () => '3'],
  ['a date', () => new Date(Date.now() + 3_900).toUTCString()],
])(
  'Retry-After as %s holds up all deliveries of the subscription, and is shown in the attempt',
  async (_form, after) => {
    const endpoint = await fixture.endpoint(
      (_request, nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': after() } } : 200),
      { retryScheduleMs: [10] },
    )
    await endpoint.accept(1)
    const [first] = await endpoint.receiver.waitFor(1)
    const [outcome] = await endpoint.outcomes(1)
    expect(outcome?.attempt?.retryAfterMs).toBeGreaterThan(1_000)
    expect(outcome?.outcome).toMatchObject({ type: 'retry' })

    await endpoint.accept(10, 1)
    // The first one comes twice.
    const requests = await endpoint.receiver.waitFor(12, 20_000)
    const waits = requests.slice(1).map(({ receivedAtMs }) => receivedAtMs - (first?.receivedAtMs ?? 0))
    expect(Math.min(...waits)).toBeGreaterThan(2_500)
    expect(new Set(endpoint.numbers()).size).toBe(11)
  },
)

test.each([
  ['of this endpoint counts', 0, true],
  ['of one that was replaced or is back since does not', -1, false],
  ['told by a dispatcher that does not say of which endpoint counts', undefined, true],
])('a pause %s', async (_name, difference, counts) => {
  const endpoint = await fixture.endpoint()
  const about = { tenant, subscriptionId: endpoint.id }
  const at = Date.now() + 1_000
  const enabled = { type: 'SubscriptionEnabled', ...about, at, by: 'operator' } as const
  await fixture.decide(enabled, 'subscription', endpoint.id)
  const activeSince = difference === undefined ? undefined : at + difference
  const pause = JSON.stringify({ id: 'dsp_other', ...about, forMs: 60_000, activeSince })
  const types = new Set<string>()
  // Several: when they hear the first one, the dispatchers may not know the change yet.
  for (let nth = 1; nth <= 10; nth++) {
    fixture.broker.connection.publish(dispatchersSubject.paused, pause)
    await fixture.broker.connection.flush()
    await endpoint.accept(1, nth)
    types.add((await endpoint.outcomes(nth)).at(-1)?.outcome.type ?? '')
  }
  expect(types.has('deferred')).toBe(counts)
})

test.each([
  ['each for itself', {}],
  ['in order', { ordered: true }],
  ['in order by key', { ordered: true, orderingKey: '/n' }],
])('a successful test ends a pause that was asked for by mistake: %s', async (_name, order) => {
  const mistake = { status: 503, headers: { 'retry-after': '3600' } }
  const settings = { retryScheduleMs: [10], circuitBreaker: false, ...order }
  const endpoint = await fixture.endpoint((_request, nth) => (nth === 1 ? mistake : 200), settings)
  await endpoint.accept(1)
  await endpoint.outcomes(1)
  await endpoint.accept(3, 1)
  // Those that are in order wait where they are: nothing is recorded.
  if (!('ordered' in order)) await endpoint.outcomes(4)
  await fixture.accept('webhook.test', '{"n":-1}', { [MessageHeader.onlySubscription]: endpoint.id })
  // The one that met with the mistake comes again, too.
  await endpoint.receiver.waitFor(6, 20_000)
  expect(endpoint.numbers().toSorted((a, b) => a - b)).toEqual([-1, 0, 0, 1, 2, 3])
})

test.each([
  ['each for itself', {}],
  ['in order', { ordered: true }],
])(
  'who joins learns of a pause; when none is left who knows of it, a successful test still calls what waits: %s',
  async (_name, order) => {
    const own = await startFixture()
    const first = await own.startDispatcher()
    const mistake = { status: 503, headers: { 'retry-after': '3600' } }
    const settings = { retryScheduleMs: [10], circuitBreaker: false, ...order }
    const endpoint = await own.endpoint((_request, nth) => (nth === 1 ? mistake : 200), settings)
    await endpoint.accept(1)
    await endpoint.outcomes(1)
    const second = await own.startDispatcher()
    await first.stop()
    await endpoint.accept(2, 1)
    // Once each, as put off.
    await endpoint.outcomes(3)
    expect(endpoint.numbers()).toEqual([0])
    await second.stop()
    await own.startDispatcher()
    await own.accept('webhook.test', '{"n":-1}', { [MessageHeader.onlySubscription]: endpoint.id })
    await endpoint.receiver.waitFor(5, 20_000)
    expect(endpoint.numbers().toSorted((a, b) => a - b)).toEqual([-1, 0, 0, 1, 2])
    await own.stop()
  },
  60_000,
)

test('a test that waits for its token during a pause is put off no further by a change that lets more through', async () => {
  const mistake = { status: 503, headers: { 'retry-after': '3600' } }
  const endpoint = await fixture.endpoint((_request, nth) => (nth === 1 ? mistake : 200), {
    rateLimit: { perSecond: 0.2, burst: 1 },
  })
  await endpoint.accept(1)
  await endpoint.outcomes(1)
  await fixture.accept('webhook.test', '{"n":-1}', { [MessageHeader.onlySubscription]: endpoint.id })
  await waitFor(async () => (await endpoint.outcomes(2))[1]?.outcome.type === 'deferred')
  const about = { tenant, at: Date.now(), by: 'operator', subscriptionId: endpoint.id }
  const changes = { concurrency: 5 }
  await fixture.decide({ type: 'SubscriptionUpdated', ...about, changes }, 'subscription', endpoint.id)
  await endpoint.receiver.waitFor(2, 15_000)
  expect(endpoint.numbers()).toEqual([0, -1])
})

test('what was put off for a pause comes when another dispatcher tells that the receiver takes something again', async () => {
  const endpoint = await fixture.endpoint()
  const tell = async (forMs: number): Promise<void> => {
    const paused = { id: 'dsp_other', tenant, subscriptionId: endpoint.id, forMs }
    fixture.broker.connection.publish(dispatchersSubject.paused, JSON.stringify(paused))
    await fixture.broker.connection.flush()
  }
  await tell(600_000)
  let accepted = 0
  await waitFor(async () => {
    await endpoint.accept(1, accepted++)
    return (await endpoint.outcomes(accepted)).at(-1)?.outcome.type === 'deferred'
  })
  await tell(0)
  await endpoint.receiver.waitFor(accepted, 20_000)
})

test.each([429, 503])('%i slows the subscription down, for all its deliveries', async (status) => {
  const endpoint = await fixture.endpoint((_request, nth) => (nth === 1 ? status : 200), { retryScheduleMs: [10] })
  await endpoint.accept(1)
  await endpoint.outcomes(1)
  await endpoint.receiver.waitFor(2)
  const [first, second] = endpoint.receiver.requests
  expect((second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0)).toBeGreaterThan(100)
})

test('410 gives up at once, tells that the receiver is gone, and nothing more is sent', async () => {
  const endpoint = await fixture.endpoint(() => 410, { retryScheduleMs: [10, 10, 10] })
  await endpoint.accept(1)
  const [outcome] = await endpoint.outcomes(1)
  expect(outcome).toMatchObject({ outcome: { type: 'gave_up', reason: 'receiver_gone' }, disables: 'gone' })
  await endpoint.accept(5, 1)
  const later = await endpoint.outcomes(6)
  expect(later.slice(1).map((one) => one.outcome.type)).toEqual(Array.from({ length: 5 }, () => 'deferred'))
  expect(endpoint.receiver.requests).toHaveLength(1)
})

test('webhook-delivery: disable is a wish of the receiver, also with a success', async () => {
  const endpoint = await fixture.endpoint(() => ({ headers: { 'webhook-delivery': 'disable' } }))
  await endpoint.accept(1)
  expect((await endpoint.outcomes(1))[0]).toMatchObject({ outcome: { type: 'delivered' }, disables: 'receiver' })
})

test('webhook-delivery: abort-message gives up this one, and only this one', async () => {
  const endpoint = await fixture.endpoint(
    (_request, nth) => (nth === 1 ? { status: 422, headers: { 'webhook-delivery': 'abort-message' } } : 200),
    { retryScheduleMs: [10, 10] },
  )
  await endpoint.accept(2)
  const outcomes = await endpoint.outcomes(2)
  const types = outcomes.map(({ outcome }) => outcome.type).toSorted()
  expect(types).toEqual(['delivered', 'gave_up'])
  expect(outcomes.find(({ outcome }) => outcome.type === 'gave_up')).toMatchObject({
    outcome: { reason: 'receiver_aborted' },
  })
  expect(outcomes.every(({ disables }) => disables === undefined)).toBe(true)
})
