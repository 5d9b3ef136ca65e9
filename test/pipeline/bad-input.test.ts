import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../infrastructure/index.ts'
import { startPipeline, type Pipeline, type Tenant } from './pipeline.ts'

let pipeline: Pipeline
let tenant: Tenant
let other: Tenant

beforeAll(async () => {
  pipeline = await startPipeline()
  tenant = await pipeline.createTenant('lumire')
  other = await pipeline.createTenant('other')
})
afterAll(() => pipeline.stop())

interface Rejected {
  readonly tenant: string
  readonly type: string
  readonly id: string | null
  readonly code: string
  readonly reason: string
  readonly payload: string
  readonly size: number
}

interface Problem {
  readonly code: string
  readonly detail: string
  readonly errors?: readonly { readonly field: string }[]
}

const event = (fields: object) => ({ type: 'deposit.settled', payload: {}, ...fields })

describe('over HTTP', () => {
  test.each<{ what: string; body: unknown; status: number; code: string; field?: string }>([
    { what: 'an unknown event type', body: event({ type: 'no.such' }), status: 422, code: 'unknown_event_type' },
    {
      what: 'an event type that is none',
      body: event({ type: 'a..b' }),
      status: 422,
      code: 'invalid_event_type',
      field: 'type',
    },
    { what: 'no payload', body: { type: 'deposit.settled' }, status: 422, code: 'invalid_request', field: 'payload' },
    { what: 'a bad id', body: event({ id: 'a b' }), status: 422, code: 'invalid_event_id', field: 'id' },
    { what: 'broken JSON', body: '{"type": "deposit.settled", "payload": {', status: 400, code: 'invalid_json' },
    { what: 'a 2 MB body', body: event({ payload: 'x'.repeat(2_000_000) }), status: 413, code: 'payload_too_large' },
    {
      what: '300 KB of payload',
      body: event({ payload: 'x'.repeat(300_000) }),
      status: 413,
      code: 'payload_too_large',
    },
  ])('$what is refused with $status $code', async ({ body, status, code, field }) => {
    const answer = await tenant.call<Problem>('POST', '/v1/events', body)
    expect(answer).toMatchObject({ status, body: { code, status } })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body.detail).not.toBe('')
    if (field) expect(answer.body.errors?.map((error) => error.field)).toContain(field)
  })

  test('in a batch, each item gets its own answer and the good ones are accepted', async () => {
    const answer = await tenant.call<{ results: unknown[] }>('POST', '/v1/events/batch', {
      events: [
        event({ id: 'good-1' }),
        event({ type: 'no.such' }),
        { type: 'deposit.settled' },
        event({ id: 'good-2' }),
      ],
    })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        results: [
          { status: 'accepted', event: { id: 'good-1' } },
          { status: 'rejected', problem: { code: 'unknown_event_type' } },
          { status: 'rejected', problem: { code: 'invalid_request' } },
          { status: 'accepted', event: { id: 'good-2' } },
        ],
      },
    })
  })

  test.each<{ what: string; body: object; code: string; field: string }>([
    { what: 'a URL that is not a URL', body: { url: 'example' }, code: 'invalid_url', field: 'url' },
    { what: 'another scheme', body: { url: 'ftp://example.com/' }, code: 'invalid_url', field: 'url' },
    { what: 'credentials in the URL', body: { url: 'https://a:b@example.com/' }, code: 'invalid_url', field: 'url' },
    { what: 'no events', body: { events: [] }, code: 'invalid_request', field: 'events' },
    { what: 'an unknown event', body: { events: ['no.such'] }, code: 'unknown_event_type', field: 'events[0]' },
    { what: 'a misspelt field', body: { evens: ['deposit.settled'] }, code: 'invalid_request', field: 'evens' },
  ])('a subscription with $what is refused with $code', async ({ body, code, field }) => {
    const answer = await tenant.call<Problem>('POST', '/v1/webhooks/subscriptions', {
      url: 'https://example.com/hooks',
      events: ['deposit.settled'],
      ...body,
    })
    expect(answer).toMatchObject({ status: 422, body: { code } })
    expect(answer.body.errors?.[0]?.field).toBe(field)
  })

  test('a wrong key is refused, and so is none', async () => {
    for (const headers of [{ 'X-API-Key': 'lum_live_wrong' }, {}]) {
      for (const url of [
        `${pipeline.services.subscriptions.url}/v1/webhooks/subscriptions`,
        `${pipeline.services.ingest.url}/v1/events`,
      ]) {
        const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
        expect(answer.status).toBe(401)
        expect(await answer.json()).toMatchObject({ code: 'invalid_api_key' })
      }
    }
  })

  test.each([
    ['GET', '/v1/webhooks/subscriptions/sub_none', 'subscription_not_found'],
    ['GET', '/v1/webhooks/sub_none/deliveries', 'subscription_not_found'],
    ['POST', '/v1/webhooks/subscriptions/sub_none/test', 'subscription_not_found'],
    ['GET', '/v1/deliveries/dlv_none', 'delivery_not_found'],
    ['POST', '/v1/deliveries/dlv_none/replay', 'delivery_not_found'],
    ['GET', '/v1/events/evt_none', 'event_not_found'],
    ['GET', '/v1/nothing', 'not_found'],
  ])('%s %s is 404 %s', async (method, path, code) => {
    expect(await tenant.call(method, path)).toMatchObject({ status: 404, body: { code } })
  })

  test("another tenant's key sees nothing of this one's", async () => {
    const receiver = await pipeline.receiver()
    const { id } = await tenant.subscribe({ url: receiver.url, events: ['trader.created'] })
    await tenant.publish('trader.created', '{}', { id: 'private-1' })
    const [request] = await receiver.waitFor(1)
    const deliveryId = String(request?.headers['x-lumirecrm-delivery'])
    await tenant.delivery(deliveryId, 'delivered')

    for (const [method, path] of [
      ['GET', `/v1/webhooks/subscriptions/${id}`],
      ['PATCH', `/v1/webhooks/subscriptions/${id}`],
      ['DELETE', `/v1/webhooks/subscriptions/${id}`],
      ['POST', `/v1/webhooks/subscriptions/${id}/rotate-secret`],
      ['GET', `/v1/webhooks/${id}/deliveries`],
      ['GET', `/v1/deliveries/${deliveryId}`],
      ['POST', `/v1/deliveries/${deliveryId}/replay`],
      ['GET', '/v1/events/private-1'],
    ] as const) {
      const answer = await other.call(method, path, method === 'PATCH' ? { description: 'x' } : undefined)
      expect([path, answer.status]).toEqual([path, 404])
    }
  })
})

describe('over NATS', () => {
  const rejectedOf = (code: string): Promise<Rejected> =>
    waitFor(
      async () => {
        const { body } = await tenant.call<{ data: Rejected[] }>('GET', '/v1/events/rejected')
        return body.data.find((rejected) => rejected.code === code)
      },
      { what: `a rejected event with ${code}` },
    )

  test.each([
    { code: 'unknown_event_type', type: 'no.such', payload: '{}' },
    { code: 'invalid_json', type: 'deposit.settled', payload: '{"broken": ' },
    { code: 'payload_too_large', type: 'deposit.settled', payload: JSON.stringify('x'.repeat(300_000)) },
    { code: 'invalid_event_id', type: 'deposit.settled', payload: '{}', id: 'not an id' },
  ])('an event with $code is listed as rejected, with the reason and its payload', async (sent) => {
    await tenant.publish(sent.type, sent.payload, { ...(sent.id && { id: sent.id }) })
    const rejected = await rejectedOf(sent.code)
    expect(rejected).toMatchObject({ tenant: 'lumire', type: sent.type, size: sent.payload.length })
    expect(rejected.payload).toBe(sent.payload.slice(0, 16_384))
    expect(rejected.reason).not.toBe('')
  })

  test('an event of an unknown tenant is kept, for the operator to see', async () => {
    pipeline.nats.publish('intake.nobody.deposit.settled', '{"lost":false}')
    const { operatorKey, subscriptions } = pipeline.services
    const found = await waitFor(async () => {
      const answer = await fetch(`${subscriptions.url}/v1/events/rejected?tenant=nobody`, {
        headers: { 'X-API-Key': operatorKey },
      })
      const { data } = (await answer.json()) as { data: Rejected[] }
      return data[0]
    })
    expect(found).toMatchObject({ tenant: 'nobody', code: 'unknown_tenant', payload: '{"lost":false}' })
  })

  test('a 2 MB message is refused by the client itself', async () => {
    await expect(tenant.publish('deposit.settled', 'x'.repeat(2_000_000))).rejects.toThrow(/payload/i)
  })

  test('bad events do not hold up good ones', async () => {
    const receiver = await pipeline.receiver()
    await tenant.subscribe({ url: receiver.url, events: ['lead.created'] })
    const bad = Array.from({ length: 50 }, (_, i) => tenant.publish(i % 2 ? 'no.such' : 'lead.created', '{broken'))
    await Promise.all([...bad, tenant.publish('lead.created', '{"good":true}')])
    const [request] = await receiver.waitFor(1)
    expect(request?.body.toString()).toBe('{"good":true}')
  })
})
