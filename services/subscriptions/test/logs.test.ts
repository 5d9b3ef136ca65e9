import {
  CalendarEntry,
  calendarSubject,
  dueSubject,
  eventSubject,
  MessageHeader,
  rejectedSubject,
  StreamName,
} from '@jethook/contracts'
import { messageHeaders } from '@jethook/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { acceptEvent, deliver } from './deliver.ts'
import { startSubscriptions, type Body, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture
let other: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
  other = await fixture.createTenant()
})
afterAll(() => fixture?.dispose())

/** The answer once it is there: the log follows within a second. */
const shown = (path: string, isWanted: (body: Body) => boolean = () => true): Promise<Body> =>
  waitFor(
    async () => {
      const { status, body } = await tenant.call('GET', path)
      return status === 200 && isWanted(body) && body
    },
    { what: path },
  )

describe('deliveries', () => {
  test('are listed newest first, in pages, filtered by status, event and time', async () => {
    const { id } = await tenant.subscribe()
    const first = await deliver(fixture.broker, tenant.id, id)
    const second = await deliver(fixture.broker, tenant.id, id, { type: 'gave_up', reason: 'schedule_exhausted' })
    const third = await deliver(fixture.broker, tenant.id, id)
    const path = `/v1/webhooks/${id}/deliveries`
    const all = await shown(path, ({ data }) => data?.length === 3)
    expect(all.data?.map((delivery) => delivery['id'])).toEqual([third, second, first].map((one) => one.deliveryId))

    const page = await shown(`${path}?limit=2`)
    const rest = await shown(`${path}?limit=2&cursor=${String(page['nextCursor'])}`)
    expect([...(page.data ?? []), ...(rest.data ?? [])]).toEqual(all.data)
    expect(rest['nextCursor']).toBeNull()

    expect((await shown(`${path}?status=gave_up`)).data).toMatchObject([{ id: second.deliveryId, lastStatus: 503 }])
    expect((await shown(`${path}?event=kyc.approved`)).data).toEqual([])
    const from = new Date(third.acceptedAt).toISOString()
    expect((await shown(`${path}?from=${from}`)).data).toMatchObject([{ id: third.deliveryId }])
    for (const [query, code] of [
      ['status=lost', 'invalid_request'],
      ['from=yesterday', 'invalid_request'],
      ['limit=0', 'invalid_request'],
      ['cursor=x', 'invalid_cursor'],
      ['colour=red', 'invalid_request'],
    ])
      expect(await tenant.call('GET', `${path}?${query}`)).toMatchObject({ status: 422, body: { code } })
  })

  test('one is shown with its attempts', async () => {
    const { id } = await tenant.subscribe()
    const { deliveryId, eventId } = await deliver(fixture.broker, tenant.id, id)
    expect(await shown(`/v1/deliveries/${deliveryId}`)).toMatchObject({
      id: deliveryId,
      subscriptionId: id,
      eventId,
      event: 'deposit.settled',
      status: 'delivered',
      attempts: [{ number: 1, status: 200, request: { url: 'https://example.com/hooks' }, response: { body: 'ok' } }],
    })
  })

  test('of a subscription that was deleted can still be read', async () => {
    const { id } = await tenant.subscribe()
    const { deliveryId } = await deliver(fixture.broker, tenant.id, id)
    await shown(`/v1/deliveries/${deliveryId}`)
    await tenant.call('DELETE', `/v1/webhooks/subscriptions/${id}`)
    expect((await shown(`/v1/webhooks/${id}/deliveries`)).data).toHaveLength(1)
  })

  test('of another tenant do not exist', async () => {
    const { id } = await tenant.subscribe()
    const { deliveryId, eventId } = await deliver(fixture.broker, tenant.id, id)
    await shown(`/v1/deliveries/${deliveryId}`)
    await shown(`/v1/events/${eventId}`)
    for (const [method, path, code] of [
      ['GET', `/v1/webhooks/${id}/deliveries`, 'subscription_not_found'],
      ['GET', `/v1/deliveries/${deliveryId}`, 'delivery_not_found'],
      ['POST', `/v1/deliveries/${deliveryId}/replay`, 'delivery_not_found'],
      ['GET', `/v1/events/${eventId}`, 'event_not_found'],
    ] as const)
      expect(await other.call(method, path)).toMatchObject({ status: 404, body: { code } })
  })
})

describe('a replay', () => {
  test('is due at once, with the next attempt number, and shown as pending', async () => {
    const { id } = await tenant.subscribe()
    const delivery = await deliver(fixture.broker, tenant.id, id, { type: 'gave_up', reason: 'schedule_exhausted' })
    const path = `/v1/deliveries/${delivery.deliveryId}`
    await shown(path)
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const answer = await tenant.call('POST', `${path}/replay`, { headers: { traceparent } })
    expect(answer).toMatchObject({ status: 202, body: { deliveryId: delivery.deliveryId, status: 'pending' } })

    await shown(path, ({ status }) => status === 'pending')
    const due = await waitFor(() =>
      fixture.broker.manager.streams.getMessage(StreamName.deliveries, { last_by_subj: dueSubject(id) }),
    )
    expect(CalendarEntry.parse(due.json())).toEqual({ ...delivery, attempt: 2, retries: 0, trigger: 'replay' })
    expect(due.header.get(MessageHeader.traceparent)).toBe(traceparent)
  })

  test('of a delivery that does not exist, or whose subscription is gone, is refused', async () => {
    expect(await tenant.call('POST', '/v1/deliveries/dlv_none/replay')).toMatchObject({
      status: 404,
      body: { code: 'delivery_not_found' },
    })
    const { id } = await tenant.subscribe()
    const { deliveryId } = await deliver(fixture.broker, tenant.id, id)
    await shown(`/v1/deliveries/${deliveryId}`)
    await tenant.call('DELETE', `/v1/webhooks/subscriptions/${id}`)
    expect(await tenant.call('POST', `/v1/deliveries/${deliveryId}/replay`)).toMatchObject({
      status: 404,
      body: { code: 'subscription_not_found' },
    })
  })

  test('of an event that is no longer kept is refused', async () => {
    const { id } = await tenant.subscribe()
    const { deliveryId, eventSequence } = await deliver(fixture.broker, tenant.id, id)
    await shown(`/v1/deliveries/${deliveryId}`)
    await fixture.broker.manager.streams.deleteMessage(StreamName.events, eventSequence)
    expect(await tenant.call('POST', `/v1/deliveries/${deliveryId}/replay`)).toMatchObject({
      status: 410,
      body: { code: 'event_expired' },
    })
  })
})

test('a test is accepted for this subscription alone, and its delivery can be seen before it is attempted', async () => {
  const { id } = await tenant.subscribe()
  const answer = await tenant.call('POST', `/v1/webhooks/subscriptions/${id}/test`)
  expect(answer).toMatchObject({ status: 202, body: { eventId: expect.stringMatching(/^evt_/) } })
  const { eventId, deliveryId } = answer.body
  const message = await fixture.broker.manager.streams.getMessage(StreamName.events, {
    last_by_subj: `events.${tenant.id}.webhook.test`,
  })
  expect(message?.json()).toMatchObject({ event: 'webhook.test', subscription: id })
  expect(message?.header.get(MessageHeader.eventId)).toBe(eventId)
  expect(message?.header.get(MessageHeader.onlySubscription)).toBe(id)

  // There is no dispatcher here.
  const path = `/v1/deliveries/${String(deliveryId)}`
  expect(await shown(path)).toMatchObject({ eventId, status: 'pending', attempts: [], subscriptionId: id })
  await shown(
    `/v1/events/${String(eventId)}/deliveries`,
    ({ data }) => data?.length === 1 && data[0]?.['id'] === deliveryId,
  )
})

test('deleting a subscription takes what waits for it out of the calendar, and nothing else', async () => {
  const [gone, left] = [await tenant.subscribe(), await tenant.subscribe()]
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
  const waiting = async (subject: string) =>
    fixture.broker.manager.streams.getMessage(StreamName.deliveries, { last_by_subj: subject })
  for (const { id } of [gone, left]) {
    const schedule = { [MessageHeader.schedule]: `@at ${inAnHour}`, [MessageHeader.scheduleTarget]: dueSubject(id) }
    await fixture.broker.publisher.publish(calendarSubject(id, 'dlv_1', 1), '{}', messageHeaders(schedule))
  }
  await tenant.call('DELETE', `/v1/webhooks/subscriptions/${gone.id}`)
  expect(await waiting(calendarSubject(gone.id, 'dlv_1', 1))).toBeNull()
  expect(await waiting(calendarSubject(left.id, 'dlv_1', 1))).not.toBeNull()
})

describe('events', () => {
  test('one is shown with its payload byte for byte', async () => {
    const payload = '{ "amount": 12345678901234567890,\n "name":"Žoë \\u00e9" }'
    const { eventId } = await acceptEvent(fixture.broker, tenant.id, payload)
    await shown(`/v1/events/${eventId}`)
    const { text, headers, body } = await tenant.call('GET', `/v1/events/${eventId}`)
    expect(text).toContain(`"payload":${payload}}`)
    expect(headers.get('content-type')).toContain('application/json')
    expect(body).toMatchObject({ id: eventId, type: 'deposit.settled', payload: { name: 'Žoë é' } })
  })

  test('the deliveries of one are listed, to all subscriptions, in pages', async () => {
    const event = await acceptEvent(fixture.broker, tenant.id, '{}')
    const ids: string[] = []
    for (let count = 0; count < 3; count++) {
      const { id } = await tenant.subscribe()
      const { deliveryId } = await deliver(fixture.broker, tenant.id, id, { type: 'delivered' }, event)
      ids.push(deliveryId)
    }
    const path = `/v1/events/${event.eventId}/deliveries`
    const all = await shown(path, ({ data }) => data?.length === 3)
    expect(all.data?.map(({ id }) => id)).toEqual(ids.toSorted().toReversed())
    expect(all.data).toMatchObject([{ eventId: event.eventId, status: 'delivered' }, {}, {}])
    const page = await shown(`${path}?limit=2`)
    const rest = await shown(`${path}?limit=2&cursor=${String(page['nextCursor'])}`)
    expect([...(page.data ?? []), ...(rest.data ?? [])]).toEqual(all.data)
    expect(rest['nextCursor']).toBeNull()
    for (const [caller, eventId] of [
      [other, event.eventId],
      [tenant, 'none'],
    ] as const)
      expect(await caller.call('GET', `/v1/events/${eventId}/deliveries`)).toMatchObject({
        status: 404,
        body: { code: 'event_not_found' },
      })
  })

  test('one that does not exist is not found', async () => {
    expect(await tenant.call('GET', '/v1/events/none')).toMatchObject({
      status: 404,
      body: { code: 'event_not_found' },
    })
  })

  test('rejected ones are shown to their tenant, and those of unknown tenants to the operator', async () => {
    const reject = (to: string) =>
      fixture.broker.publisher.publish(
        rejectedSubject(to, 'deposit.lost'),
        '{"n":',
        messageHeaders({
          [MessageHeader.rejectedCode]: 'invalid_json',
          [MessageHeader.rejectedReason]: 'The payload is not JSON.',
        }),
      )
    await reject(tenant.id)
    await reject(other.id)
    await reject('nobody')
    const { data } = await shown('/v1/events/rejected', (body) => body.data?.length === 1)
    expect(data).toMatchObject([
      { tenant: tenant.id, type: 'deposit.lost', id: null, code: 'invalid_json', payload: '{"n":', size: 5 },
    ])
    const tenants = async (query: string) =>
      (await fixture.call('GET', `/v1/events/rejected${query}`, { key: fixture.operatorKey })).body.data?.map(
        (event) => event['tenant'],
      )
    await waitFor(async () => (await tenants(''))?.includes('nobody'))
    expect(await tenants('')).toEqual(['nobody', other.id, tenant.id])
    expect(await tenants(`?tenant=${other.id}`)).toEqual([other.id])
  })
})

const cursorWithNul = Buffer.from(JSON.stringify([1, 'a\0'])).toString('base64url')

test.each([
  ['GET', '/v1/deliveries/%00', 404, 'delivery_not_found'],
  ['POST', '/v1/deliveries/dlv%00/replay', 404, 'delivery_not_found'],
  ['GET', '/v1/events/a%00b', 404, 'event_not_found'],
  ['GET', '/v1/events/a%00b/deliveries', 404, 'event_not_found'],
  ['GET', '/v1/webhooks/%00/deliveries', 404, 'subscription_not_found'],
  ['GET', '/v1/webhooks/sub_1/deliveries?event=%00', 422, 'invalid_request'],
  ['GET', '/v1/events/rejected?tenant=%00', 422, 'invalid_request'],
  ['GET', `/v1/webhooks/sub_1/deliveries?cursor=${cursorWithNul}`, 422, 'invalid_cursor'],
])('%s %s, with NUL, which Postgres does not know, is %i %s', async (method, path, status, code) => {
  expect(await tenant.call(method, path)).toMatchObject({ status, body: { code } })
})

test('of an event whose stream was made anew nobody sees the payload of another tenant, which has its id and its place', async () => {
  const { broker } = fixture
  const publish = (of: TenantFixture, payload: string) =>
    broker.publisher.publish(
      eventSubject(of.id, 'deposit.settled'),
      payload,
      messageHeaders({ [MessageHeader.eventId]: 'order-1', [MessageHeader.acceptedAt]: String(Date.now()) }),
    )
  const { sequence } = await publish(tenant, '{"whose":"ours"}')
  expect(await shown('/v1/events/order-1')).toMatchObject({ payload: { whose: 'ours' } })

  const { config } = await broker.manager.streams.info(StreamName.events)
  await broker.manager.streams.delete(StreamName.events)
  await broker.manager.streams.add({ ...config, first_seq: sequence })
  expect(await publish(other, '{"whose":"theirs"}')).toMatchObject({ sequence })
  expect(await tenant.call('GET', '/v1/events/order-1')).toMatchObject({ status: 410, body: { code: 'event_expired' } })
})
