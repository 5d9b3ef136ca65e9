import { createVerifier } from '@jethook/verify'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receiver, Recorded } from '../infrastructure/index.ts'
import { isSigned, startPipeline, type Pipeline, type Tenant } from '../pipeline/pipeline.ts'

let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await startPipeline()
})
afterAll(() => pipeline?.stop())

const payload = '{ "type": "contact.created",\n "data": { "n": 10.00, "é": "\\u00e9" } }'
const headersOf = ({ headers }: Recorded): Record<string, string> => headers as Record<string, string>

/** What an independent receiver makes of a request: throws unless it is genuine. */
type Verify = (request: Recorded, secret: string) => unknown
const published: Record<string, Verify> = {
  standardwebhooks: (request, secret) => new StandardWebhook(secret).verify(request.body, headersOf(request)),
  svix: (request, secret) => {
    new SvixWebhook(secret).verify(request.body, headersOf(request))
    return request.json()
  },
}

async function subscribed(tenant: Tenant, settings: Record<string, unknown> = {}) {
  const receiver = await pipeline.receiver()
  const subscription = await tenant.subscribe({ url: receiver.url, events: ['*'], ...settings })
  return { receiver, subscription }
}

async function next(receiver: Receiver, tenant: Tenant, eventType = 'contact.created'): Promise<Recorded> {
  const count = receiver.requests.length + 1
  await tenant.publish(eventType, payload)
  return (await receiver.waitFor(count)).at(-1) as Recorded
}

test('is what a new tenant has unless it asks for another profile', async () => {
  expect((await pipeline.operate('POST', '/v1/tenants', { id: 'plain', name: 'Plain' })).body).toMatchObject({
    profile: 'standard',
  })
})

describe.each([
  ['standard', 'webhook', ['standardwebhooks', 'svix']],
  ['svix', 'svix', ['svix']],
])('profile %s', (profile, prefix, packages) => {
  let tenant: Tenant

  beforeAll(async () => {
    tenant = await pipeline.createTenant(`${profile}-tenant`, profile)
  })

  test.each(packages)('the published package %s verifies deliveries, byte for byte', async (name) => {
    const { receiver, subscription } = await subscribed(tenant)
    const request = await next(receiver, tenant)
    expect(subscription.secret).toMatch(/^whsec_/)
    expect(request.body.toString()).toBe(payload)
    expect(published[name]?.(request, subscription.secret)).toEqual(JSON.parse(payload))
    expect(() => published[name]?.(request, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow(
      'No matching signature found',
    )
    expect(() => published[name]?.({ ...request, body: Buffer.from(`${payload} `) }, subscription.secret)).toThrow(
      'No matching signature found',
    )
  })

  test.each(packages)('while a secret is rotated, %s verifies with the old and with the new one', async (name) => {
    const { receiver, subscription } = await subscribed(tenant)
    const rotate = `/v1/webhooks/subscriptions/${subscription.id}/rotate-secret`
    const { body: rotated } = await tenant.call<{ secret: string }>('POST', rotate)
    expect(rotated.secret).not.toBe(subscription.secret)
    const request = await next(receiver, tenant)
    expect(String(request.headers[`${prefix}-signature`]).split(' ')).toHaveLength(2)
    for (const secret of [subscription.secret, rotated.secret])
      expect(published[name]?.(request, secret)).toEqual(JSON.parse(payload))
  })

  test('key pairs: v1a verifies with the public key, also after a rotation and while moving from v1', async () => {
    interface WithKey {
      readonly publicKey: string
    }
    const { receiver, subscription } = await subscribed(tenant, { secretKind: 'ed25519' })
    const verify = (request: Recorded, secret: string) =>
      createVerifier({ profile: profile as 'standard', secret }).verify({
        headers: headersOf(request),
        body: request.body,
      })
    const { publicKey } = subscription as unknown as WithKey
    expect(await verify(await next(receiver, tenant), publicKey)).toMatchObject({ type: 'contact.created' })

    const path = `/v1/webhooks/subscriptions/${subscription.id}/rotate-secret`
    const { body: rotated } = await tenant.call<WithKey>('POST', path)
    const request = await next(receiver, tenant)
    for (const key of [publicKey, rotated.publicKey]) expect(await verify(request, key)).toBeTruthy()

    const { body: symmetric } = await tenant.call<{ secret: string }>('POST', `${path}?secretKind=hmac`)
    const both = await next(receiver, tenant)
    expect(String(both.headers[`${prefix}-signature`])).toMatch(/^v1,\S+ v1a,\S+$/)
    for (const key of [rotated.publicKey, symmetric.secret]) expect(await verify(both, key)).toBeTruthy()
    await expect(verify(both, publicKey)).rejects.toMatchObject({ code: 'signature_mismatch' })
  })

  test('a retry has the id of the first attempt and its own timestamp and signature', async () => {
    const { receiver, subscription } = await subscribed(tenant, { retryScheduleMs: [1_100] })
    receiver.respond((_request, nth) => (nth === 1 ? 500 : 200))
    await tenant.publish('contact.created', payload)
    const [first, second] = (await receiver.waitFor(2)) as [Recorded, Recorded]
    expect(second.headers[`${prefix}-id`]).toBe(first.headers[`${prefix}-id`])
    expect(Number(second.headers[`${prefix}-timestamp`])).toBeGreaterThan(Number(first.headers[`${prefix}-timestamp`]))
    for (const request of [first, second]) expect(published['svix']?.(request, subscription.secret)).toBeTruthy()
  })

  test('a subscription gets what its patterns match, each event once', async () => {
    const all = await subscribed(tenant)
    const users = await subscribed(tenant, { events: ['user.*', 'user.created'] })
    for (const type of ['user.created', 'user.role.changed', 'users', 'last'])
      await tenant.publish(type, JSON.stringify({ type }))
    const typesOf = async ({ receiver }: { receiver: Receiver }, count: number): Promise<string[]> =>
      (await receiver.waitFor(count)).map((request) => (request.json() as { type: string }).type).toSorted()
    expect(await typesOf(all, 4)).toEqual(['last', 'user.created', 'user.role.changed', 'users'])
    expect(await typesOf(users, 2)).toEqual(['user.created', 'user.role.changed'])
    expect(users.receiver.requests).toHaveLength(2)
  })
})

test('two schemes at once: a receiver of the old profile and one of the new verify the same request', async () => {
  const tenant = await pipeline.createTenant('moving', 'lumirecrm')
  const receiver = await pipeline.receiver()
  const { id, secret } = await tenant.subscribe({ url: receiver.url, alsoSignAs: ['standard'] })
  const isGenuine = (request: Recorded): boolean => {
    // A secret of another form is taken as it is: what the package calls raw.
    new StandardWebhook(secret, { format: 'raw' }).verify(request.body, headersOf(request))
    return isSigned(request, secret)
  }
  expect(isGenuine(await next(receiver, tenant, 'deposit.settled'))).toBe(true)

  // The other way round, when the tenant has moved: its subscriptions keep working.
  await pipeline.operate('PATCH', '/v1/tenants/moving', { profile: 'standard' })
  await tenant.call('PATCH', `/v1/webhooks/subscriptions/${id}`, { alsoSignAs: ['lumirecrm'] })
  expect(isGenuine(await next(receiver, tenant, 'deposit.settled'))).toBe(true)

  await tenant.call('PATCH', `/v1/webhooks/subscriptions/${id}`, { alsoSignAs: [] })
  const moved = await next(receiver, tenant, 'deposit.settled')
  expect(moved.headers).not.toHaveProperty('x-lumirecrm-signature')
  expect(moved.headers).toHaveProperty('webhook-signature')
})
