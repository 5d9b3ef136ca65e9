import { getPriority } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../infrastructure/index.ts'
import { deliveryIdOf, isSigned, startPipeline, type Pipeline, type Tenant } from './pipeline.ts'

let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  pipeline = await startPipeline()
  tenant = await pipeline.createTenant('lumire')
})
afterAll(() => pipeline.stop())

/** Subscriptions of other tests in this file must not see this one's events. */
const eventTypes = ['trader.created', 'trader.updated', 'trader.deleted', 'lead.created', 'lead.converted']
let used = 0
const ownEventType = (): string => eventTypes[used++] ?? 'position.closed'

describe('an event published to NATS', () => {
  test('arrives, signed, at every subscribed URL', async () => {
    const receiver = await pipeline.receiver()
    const type = ownEventType()
    const subscriptions = await Promise.all(
      Array.from({ length: 10 }, (_, i) => tenant.subscribe({ url: `${receiver.url}/${i}`, events: [type] })),
    )
    await tenant.publish(type, '{"trader":"t_1"}')

    const requests = await receiver.waitFor(10)
    expect(requests.map(({ path }) => path).toSorted()).toEqual(subscriptions.map((_, i) => `/${i}`))
    for (const request of requests) {
      expect(request.headers['x-lumirecrm-event']).toBe(type)
      expect(isSigned(request, subscriptions[Number(request.path.slice(1))]?.secret ?? '')).toBe(true)
    }
  })

  test('is delivered byte for byte: odd spacing, unicode and large numbers', async () => {
    const receiver = await pipeline.receiver()
    const { secret } = await tenant.subscribe({ url: receiver.url, events: ['kyc.approved'] })
    const payload = '\n{ "amount":\t10.00,"id" : 12345678901234567890, "e":1E400, "name":"Zoë 🚀 \\u00e9\\/" }  '
    await tenant.publish('kyc.approved', payload)
    const [request] = await receiver.waitFor(1)
    expect(request?.body.toString()).toBe(payload)
    expect(request && isSigned(request, secret)).toBe(true)
  })

  test('that nobody subscribed is kept and can be read, and delivers nothing', async () => {
    await tenant.publish('kyc.requested', '{"nobody":1}', { id: 'nobody-1' })
    const event = await waitFor(async () => {
      const { status, body } = await tenant.call('GET', '/v1/events/nobody-1')
      return status === 200 && body
    })
    expect(event).toMatchObject({ id: 'nobody-1', type: 'kyc.requested', payload: { nobody: 1 } })
  })

  test('twice with one id is delivered once', async () => {
    const receiver = await pipeline.receiver()
    const { id } = await tenant.subscribe({ url: receiver.url, events: ['kyc.rejected'] })
    await tenant.publish('kyc.rejected', '{"n":1}', { id: 'order-1' })
    await tenant.publish('kyc.rejected', '{"n":1}', { id: 'order-1' })
    await tenant.publish('kyc.rejected', '{"n":2}', { id: 'order-2' })
    await receiver.waitFor(({ body }) => body.toString() === '{"n":2}')
    const shown = await waitFor(async () => {
      const deliveries = await tenant.deliveries(id, '?status=delivered')
      return deliveries.length === 2 && deliveries
    })
    // Accepted in the same millisecond they may be in either order.
    expect(new Set(shown.map(({ eventId }) => eventId))).toEqual(new Set(['order-1', 'order-2']))
    expect(receiver.requests).toHaveLength(2)
  })

  test('over HTTP with an id that came over NATS is the same event', async () => {
    const receiver = await pipeline.receiver()
    await tenant.subscribe({ url: receiver.url, events: ['deposit.failed'] })
    await tenant.publish('deposit.failed', '{"n":1}', { id: 'both-1' })
    await receiver.waitFor(1)
    const again = await tenant.call('POST', '/v1/events', { id: 'both-1', type: 'deposit.failed', payload: { n: 1 } })
    expect(again.body).toMatchObject({ id: 'both-1', duplicate: true })
    await tenant.call('POST', '/v1/events', { id: 'both-2', type: 'deposit.failed', payload: { n: 2 } })
    await receiver.waitFor(({ body }) => body.toString().includes('2'))
    expect(receiver.requests).toHaveLength(2)
  })
})

describe('a receiver that was down', () => {
  test('gets the event later, and support sees every attempt', async () => {
    const receiver = await pipeline.receiver((_request, nth) =>
      nth < 3 ? { status: 503, headers: { 'x-reason': 'deploy' }, body: 'try later' } : 200,
    )
    const type = ownEventType()
    await tenant.subscribe({ url: receiver.url, events: [type], retryScheduleMs: [50, 50, 50] })
    await tenant.publish(type, '{"n":1}')
    const [first] = await receiver.waitFor(3)
    if (!first) throw new Error('unreachable')

    const delivery = await tenant.delivery(deliveryIdOf(first), 'delivered')
    expect(delivery.attempts.map(({ number, status, trigger }) => [number, status, trigger])).toEqual([
      [1, 503, 'event'],
      [2, 503, 'retry'],
      [3, 200, 'retry'],
    ])
    expect(delivery.attempts[0]).toMatchObject({
      request: { url: receiver.url, headers: { 'x-lumirecrm-event': type, 'x-lumirecrm-attempt': '1' } },
      response: { headers: { 'x-reason': 'deploy' }, body: 'try later' },
      error: null,
    })
  })

  test('for longer than the schedule: the delivery is given up, and support replays it by hand', async () => {
    let isUp = false
    const receiver = await pipeline.receiver(() => (isUp ? 200 : 500))
    const type = ownEventType()
    const { secret } = await tenant.subscribe({ url: receiver.url, events: [type], retryScheduleMs: [20] })
    await tenant.publish(type, '{"n":1}')
    const [first] = await receiver.waitFor(2)
    if (!first) throw new Error('unreachable')
    const id = deliveryIdOf(first)
    await tenant.delivery(id, 'gave_up')

    isUp = true
    const replay = await tenant.call('POST', `/v1/deliveries/${id}/replay`)
    expect(replay).toMatchObject({ status: 202, body: { deliveryId: id, status: 'pending' } })
    const delivery = await tenant.delivery(id, 'delivered')
    expect(delivery.attempts.map(({ number, trigger }) => [number, trigger])).toEqual([
      [1, 'event'],
      [2, 'retry'],
      [3, 'replay'],
    ])
    const replayed = receiver.requests.at(-1)
    expect(replayed?.body.toString()).toBe('{"n":1}')
    expect(replayed?.headers).toMatchObject({ 'x-lumirecrm-delivery': id, 'x-lumirecrm-attempt': '3' })
    expect(replayed && isSigned(replayed, secret)).toBe(true)
  })
})

test('one that has expired gets neither tests nor replays, and its log stays as it is', async () => {
  const receiver = await pipeline.receiver()
  const type = ownEventType()
  const { id } = await tenant.subscribe({ url: receiver.url, events: [type] })
  await tenant.publish(type, '{"n":1}')
  const [first] = await receiver.waitFor(1)
  if (!first) throw new Error('unreachable')
  const delivery = deliveryIdOf(first)
  await tenant.delivery(delivery, 'delivered')

  const path = `/v1/webhooks/subscriptions/${id}`
  await tenant.call('PATCH', path, { expiresAt: new Date(Date.now() + 1_000).toISOString() })
  const shown = async () => (await tenant.call('GET', path)).body
  await waitFor(async () => ((await shown()) as { status: string }).status === 'expired')
  const expired = { status: 409, body: { code: 'subscription_expired', detail: expect.stringContaining('expiresAt') } }
  expect(await tenant.call('POST', `/v1/deliveries/${delivery}/replay`)).toMatchObject(expired)
  expect(await tenant.call('POST', `${path}/test`)).toMatchObject(expired)
  await tenant.delivery(delivery, 'delivered')
  await tenant.call('PATCH', path, { expiresAt: null })
  expect(await shown()).toMatchObject({ status: 'active' })
})

test('deleting a subscription cancels what waits for it, and the log says so', async () => {
  const receiver = await pipeline.receiver(() => 500)
  const type = ownEventType()
  const { id } = await tenant.subscribe({ url: receiver.url, events: [type], retryScheduleMs: [3_600_000] })
  await tenant.publish(type, '{}')
  const [request] = await receiver.waitFor(1)
  if (!request) throw new Error('unreachable')
  await tenant.delivery(deliveryIdOf(request), 'retrying')
  await tenant.call('DELETE', `/v1/webhooks/subscriptions/${id}`)
  const delivery = await tenant.delivery(deliveryIdOf(request), 'cancelled')
  expect(delivery).toMatchObject({ reason: 'subscription_deleted', nextAttemptAt: null })
})

describe('a change that has returned', () => {
  test('applies to every event published afterwards: 200 times created and published at once, none missed', async () => {
    const receiver = await pipeline.receiver()
    for (let i = 0; i < 200; i++) {
      const { id } = await tenant.subscribe({ url: `${receiver.url}/${i}`, events: ['withdrawal.paid'] })
      await tenant.publish('withdrawal.paid', `{"i":${i}}`, { id: `ryw-${i}` })
      await receiver.waitFor(({ path, body }) => path === `/${i}` && body.toString() === `{"i":${i}}`)
      await tenant.call('DELETE', `/v1/webhooks/subscriptions/${id}`)
    }
    // Deletions apply at once, too: each event went to the one subscription that existed when it was published.
    expect(receiver.requests).toHaveLength(200)
  })

  test('a new URL gets the next event, and a rotated secret signs it', async () => {
    const before = await pipeline.receiver()
    const after = await pipeline.receiver()
    const { id, secret } = await tenant.subscribe({ url: before.url, events: ['support.ticket_created'] })
    await tenant.call('PATCH', `/v1/webhooks/subscriptions/${id}`, { url: after.url })
    const { body: rotated } = await tenant.call<{ secret: string }>(
      'POST',
      `/v1/webhooks/subscriptions/${id}/rotate-secret`,
    )
    await tenant.publish('support.ticket_created', '{}')
    const [request] = await after.waitFor(1)
    expect(rotated.secret).not.toBe(secret)
    expect(request && isSigned(request, rotated.secret)).toBe(true)
    expect(before.requests).toHaveLength(0)
  })
})

test('a test event arrives, signed, at its subscription alone', async () => {
  const receiver = await pipeline.receiver()
  const { id, secret } = await tenant.subscribe({ url: `${receiver.url}/tested` })
  await tenant.subscribe({ url: `${receiver.url}/other` })
  const { status, body } = await tenant.call<{ deliveryId: string; eventId: string }>(
    'POST',
    `/v1/webhooks/subscriptions/${id}/test`,
  )
  expect(status).toBe(202)
  const [request] = await receiver.waitFor(1)
  expect(request).toMatchObject({ path: '/tested', headers: { 'x-lumirecrm-event': 'webhook.test' } })
  expect(request && isSigned(request, secret)).toBe(true)
  expect(await tenant.delivery(body.deliveryId, 'delivered')).toMatchObject({ eventId: body.eventId })
  expect(receiver.requests).toHaveLength(1)
})

test('the same id of two tenants at the same moment is two events', async () => {
  const [one, two] = await Promise.all([pipeline.createTenant(), pipeline.createTenant()])
  const receiver = await pipeline.receiver()
  await one.subscribe({ url: `${receiver.url}/one` })
  await two.subscribe({ url: `${receiver.url}/two` })
  await Promise.all([one, two].map((each) => each.publish('deposit.settled', '{}', { id: 'same' })))
  const requests = await receiver.waitFor(2)
  expect(requests.map(({ path }) => path).toSorted()).toEqual(['/one', '/two'])
})

test('deliveries go first on the same machine: the log gives way to them', () => {
  const { dispatcher, ingest, subscriptions } = pipeline.services
  const niceness = [dispatcher, ingest, subscriptions].map(({ pid }) => getPriority(pid))
  expect(niceness).toEqual([getPriority(), getPriority(), Math.max(getPriority(), 10)])
})
