import {
  attemptsSubject,
  configSubject,
  defaultDeliveryRules,
  outcomeLines,
  StreamName,
  type DomainEvent,
} from '@jethook/contracts'
import type { Registry, Tracing } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startProjectionFixture, type ProjectionFixture } from './projection-fixture.ts'
import {
  attempt,
  delivered,
  publishEvent,
  publishOutcomes,
  publishRejected,
  reference,
  retried,
} from './projection-messages.ts'

const endedSpans: { readonly name: string; readonly traceparent: string | undefined; readonly endedAt: number }[] = []
const tracing: Tracing = {
  enabled: true,
  startSpan: (name, parent) => ({
    traceContext: parent,
    startChild: () => expect.fail('a projection has no parts'),
    end: () => endedSpans.push({ name, traceparent: parent.traceparent, endedAt: Date.now() }),
  }),
}

let fixture: ProjectionFixture
let metrics: Registry
beforeAll(async () => {
  fixture = await startProjectionFixture()
  metrics = fixture.project({ tracing }).metrics
})
afterAll(() => fixture?.stop())

const find = async (table: string, key: Record<string, unknown>): Promise<readonly Record<string, unknown>[]> =>
  (await fixture.rows(table)).filter((row) => Object.entries(key).every(([name, value]) => row[name] === value))

test('an event becomes a row that says where its payload is', async () => {
  const sequence = await publishEvent(fixture.broker, 'evt_bytes', { type: 'a.b.c', traceparent: '00-1-2-01' })
  await fixture.caughtUp()
  const [row] = await find('events', { id: 'evt_bytes' })
  expect(row).toMatchObject({ tenant: 'acme', type: 'a.b.c', sequence, traceparent: '00-1-2-01' })
})

test('outcomes become one row per delivery and one per request', async () => {
  const delivery = reference(1)
  const { deliveryId: id, acceptedAt } = delivery
  await publishOutcomes(fixture.broker, retried(delivery, 1), retried(reference(2), 1))
  await fixture.caughtUp()
  expect(await find('deliveries', { id })).toMatchObject([{ status: 'retrying', attempts: 1, last_status: null }])

  await publishOutcomes(fixture.broker, delivered(delivery, 2, acceptedAt + 90))
  await fixture.caughtUp()
  expect(await find('deliveries', { id })).toMatchObject([
    {
      status: 'delivered',
      event_id: 'evt_1',
      attempts: 2,
      last_status: 200,
      last_error: null,
      next_attempt_at: null,
      accepted_at: acceptedAt,
      updated_at: acceptedAt + 90,
    },
  ])
  expect(await find('attempts', { delivery_id: id })).toHaveLength(2)
})

test('outcomes that hold their attempts, as they were written before, are read as well', async () => {
  const delivery = reference(20)
  const outcomes = [retried(delivery, 1), delivered(delivery, 2)]
  await fixture.broker.publisher.publish(attemptsSubject('test'), JSON.stringify(outcomes))
  await fixture.caughtUp()
  expect(await find('deliveries', { id: delivery.deliveryId })).toMatchObject([
    { status: 'delivered', attempts: 2, last_status: 200 },
  ])
  const attempts = await find('attempts', { delivery_id: delivery.deliveryId })
  expect(attempts.map(({ attempt: json }) => JSON.parse(String(json)) as unknown)).toEqual(
    expect.arrayContaining(outcomes.map(({ attempt: made }) => made)),
  )
})

test('a later outcome is not undone by one that arrives after it', async () => {
  const delivery = reference(3)
  const { deliveryId: id, acceptedAt } = delivery
  await publishOutcomes(fixture.broker, delivered(delivery, 2, acceptedAt + 90))
  await fixture.caughtUp()
  await publishOutcomes(fixture.broker, retried(delivery, 1, acceptedAt + 10))
  await fixture.caughtUp()
  expect(await find('deliveries', { id })).toMatchObject([
    { status: 'delivered', attempts: 2, last_status: 200, last_error: null, updated_at: acceptedAt + 90 },
  ])
  expect(await find('attempts', { delivery_id: id })).toHaveLength(2)
})

test('a delivery made twice after a crash is one row with both requests', async () => {
  const delivery = reference(4)
  const outcome = delivered(delivery)
  await publishOutcomes(fixture.broker, outcome)
  await publishOutcomes(fixture.broker, outcome, delivered(delivery))
  await fixture.caughtUp()
  expect(await find('deliveries', { id: delivery.deliveryId })).toMatchObject([{ status: 'delivered', attempts: 1 }])
  expect(await find('attempts', { delivery_id: delivery.deliveryId })).toHaveLength(2)
})

test('what a receiver answers with may hold what Postgres cannot', async () => {
  const delivery = reference(5)
  const response = { status: 500, headers: { 'x-odd': 'a\0b\uD83D' }, body: '\0\0<html>\0 \uDE00', bodyTruncated: true }
  await publishOutcomes(fixture.broker, { ...delivered(delivery), attempt: attempt(1, { response }) })
  await fixture.caughtUp()
  const [row] = await find('attempts', { delivery_id: delivery.deliveryId })
  expect(JSON.parse(String(row?.['attempt']))).toMatchObject({ response })
})

test('rejected events are listed with their reason', async () => {
  await publishRejected(fixture.broker, { tenant: 'nobody', id: 'mine', payload: 'not json', code: 'invalid_json' })
  await fixture.caughtUp()
  expect(await find('rejected_events', { tenant: 'nobody' })).toMatchObject([
    { id: 'mine', code: 'invalid_json', reason: 'because', payload: 'not json', size: 8 },
  ])
})

test('configuration becomes the current subscriptions and an audit log, both without secrets', async () => {
  const envelope = { tenant: 'acme', at: 1_000, by: 'key_1' }
  const settings = { url: 'https://a.example/', events: ['x'], description: null, active: true }
  const subscription = { ...settings, retryScheduleMs: [1, 2], timeoutMs: null, ...defaultDeliveryRules }
  const secret = 'k1.SECRET' as never
  await publishDomainEvents(
    { type: 'TenantCreated', ...envelope, name: 'Acme', profile: 'lumirecrm' },
    { type: 'ApiKeyCreated', ...envelope, keyId: 'key_1', name: 'k', role: 'admin', hash: 'SECRET', hint: 'lum_' },
    { type: 'SubscriptionCreated', ...envelope, subscriptionId: 'sub_a', settings: subscription, secret },
    { type: 'SubscriptionCreated', ...envelope, subscriptionId: 'sub_b', settings: subscription, secret },
    { type: 'SubscriptionUpdated', ...envelope, at: 2_000, subscriptionId: 'sub_a', changes: { active: false } },
    { type: 'SubscriptionDeleted', ...envelope, at: 3_000, subscriptionId: 'sub_b' },
  )
  await fixture.caughtUp()
  expect(await fixture.rows('subscriptions')).toMatchObject([
    { id: 'sub_a', active: false, retry_schedule_ms: [1, 2], updated_at: 2_000, deleted_at: null },
    { id: 'sub_b', active: true, events: ['x'], deleted_at: 3_000 },
  ])
  await publishDomainEvents({ type: 'SubscriptionSecretRotated', ...envelope, at: 4, subscriptionId: 'sub_a', secret })
  await fixture.caughtUp()

  const changes = await fixture.rows('config_changes')
  expect(changes.map(({ type }) => type)).toContain('SubscriptionSecretRotated')
  expect(changes).toHaveLength(7)
  expect(changes).toContainEqual(
    expect.objectContaining({ subject_id: 'sub_a', changed_by: 'key_1', details: { changes: { active: false } } }),
  )
  expect(JSON.stringify([changes, await fixture.rows('subscriptions')])).not.toContain('SECRET')
})

test('messages that make no sense are passed over, loudly', async () => {
  const { broker, logger } = fixture
  const subject = attemptsSubject('test')
  logger.messages.length = 0
  const sequences = [
    (await broker.publisher.publish(subject, 'not json')).sequence,
    (await broker.publisher.publish(subject, JSON.stringify([{ deliveryId: 'no more than that' }]))).sequence,
    (await broker.publisher.publish(subject, `[${outcomeLines(delivered(reference(14))).head}]\n`)).sequence,
    (await broker.publisher.publish(subject, '[]\n{"id":"of no delivery"}\n')).sequence,
    // What the schema allows and Postgres or the calendar does not: these are found one by one.
    await publishOutcomes(broker, delivered(reference(6, { eventType: 'a\0b' }))),
    await publishOutcomes(broker, { ...delivered(reference(7)), at: 9e15 }),
    await publishOutcomes(broker, delivered(reference(8, { acceptedAt: 9e15 }))),
    await publishOutcomes(broker, { ...delivered(reference(9)), attempt: attempt(2 ** 40) }),
  ]
  await publishOutcomes(broker, delivered(reference(10)))
  await broker.publisher.publish(configSubject('acme', 'tenant', 'acme'), JSON.stringify({ type: 'FromTheFuture' }))
  await broker.publisher.publish('events.acme.no.headers', '{}')
  await fixture.caughtUp()

  expect(await find('deliveries', { event_id: 'evt_10' })).toMatchObject([{ status: 'delivered' }])
  for (const number of [6, 7, 8, 9, 14]) expect(await find('deliveries', { event_id: `evt_${number}` })).toEqual([])
  const unreadable = (await metrics.getSingleMetric('jethook_projection_unreadable_total')?.get())?.values
  expect(Object.fromEntries(unreadable?.map(({ labels, value }) => [labels['stream'], value]) ?? [])).toEqual({
    ATTEMPTS: sequences.length,
    CONFIG: 1,
    EVENTS: 1,
  })
  expect(logger.messages.filter((message) => message === 'projection.unreadable')).toHaveLength(sequences.length + 2)
})

test('a status can be seen well within a second', async () => {
  const delivery = reference(11)
  const publishedAt = performance.now()
  await publishOutcomes(fixture.broker, delivered(delivery))
  await waitFor(async () => (await find('deliveries', { id: delivery.deliveryId })).length > 0, { intervalMs: 5 })
  expect(performance.now() - publishedAt).toBeLessThan(1_000)
})

test('the trace of a delivery ends when it can be seen', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await publishOutcomes(fixture.broker, { ...delivered(reference(12)), traceparent }, delivered(reference(13)))
  await fixture.caughtUp()
  const spans = await waitFor(() => endedSpans.length > 0 && endedSpans)
  expect(spans).toMatchObject([{ name: 'project delivery', traceparent }])
})

test('metrics tell the position, how far it is behind, and what was written', async () => {
  const text = await metrics.metrics()
  expect(text).toContain(
    `jethook_projection_position{stream="ATTEMPTS"} ${await fixture.position(StreamName.attempts)}`,
  )
  expect(text).toContain('jethook_projection_lag_messages{stream="ATTEMPTS"} 0')
  expect(text).toMatch(/jethook_projected_total\{stream="EVENTS"\} [1-9]/)
  expect(text).toContain('jethook_projection_batch_seconds_bucket')
})

async function publishDomainEvents(...events: readonly DomainEvent[]): Promise<void> {
  for (const event of events) {
    const subject = configSubject(event.tenant, 'subscription', 'any')
    await fixture.broker.publisher.publish(subject, JSON.stringify(event))
  }
}
