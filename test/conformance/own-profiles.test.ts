import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor, type Receiver, type Recorded } from '../infrastructure/index.ts'
import { startPipeline, type Pipeline, type Tenant } from '../pipeline/pipeline.ts'

let pipeline: Pipeline
const documentOf = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8')) as Record<string, unknown>

beforeAll(async () => {
  pipeline = await startPipeline()
  for (const name of ['github-style', 'stripe-style']) {
    const { status, text } = await pipeline.operate('POST', '/v1/profiles', documentOf(name))
    if (status !== 201) throw new Error(`${name} was not taken: ${status} ${text}`)
  }
})
afterAll(() => pipeline?.stop())

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
const hexHmac = (secret: string, content: string | Buffer): string =>
  createHmac('sha256', secret).update(content).digest('hex')

async function next(receiver: Receiver, tenant: Tenant, eventType: string, payload: string): Promise<Recorded> {
  const count = receiver.requests.length + 1
  await tenant.publish(eventType, payload)
  return (await receiver.waitFor(count)).at(-1) as Recorded
}

test('a profile in the style of GitHub works from its document alone', async () => {
  const tenant = await pipeline.createTenant('forge', 'github-style')
  const receiver = await pipeline.receiver()
  // The secret and the signature of the page on which GitHub explains how to validate deliveries.
  const secret = "It's a Secret to Everybody"
  await tenant.subscribe({ url: receiver.url, events: ['*'], secret })
  const request = await next(receiver, tenant, 'push', '{ "ref": "refs/heads/main", "size": 1.0 }')
  expect(request.body.toString()).toBe('{ "ref": "refs/heads/main", "size": 1.0 }')
  expect(request.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/jethook',
    'x-github-event': 'push',
    'x-github-delivery': expect.stringMatching(/^dlv_/) as string,
  })
  const signature = String(request.headers['x-hub-signature-256'])
  expect(isSame(signature, `sha256=${hexHmac(secret, request.body)}`)).toBe(true)
})

test('a profile in the style of Stripe works from its document alone: envelope, signed time, rotation', async () => {
  const tenant = await pipeline.createTenant('till', 'stripe-style')
  const receiver = await pipeline.receiver()
  const { id, secret } = await tenant.subscribe({ url: receiver.url, events: ['invoice.paid'] })
  const isGenuine = ({ headers, body }: Recorded, withSecret: string): boolean => {
    const fields = String(headers['stripe-signature'])
      .split(',')
      .map((field) => field.split('=') as [string, string])
    const time = fields.find(([name]) => name === 't')?.[1] ?? ''
    expect(Math.abs(Date.now() / 1_000 - Number(time))).toBeLessThan(60)
    const expected = hexHmac(withSecret, `${time}.${body.toString()}`)
    return fields.some(([name, value]) => name === 'v1' && isSame(value, expected))
  }
  const paid = '{ "amount_paid": 1000, "currency": "eur" }'
  const request = await next(receiver, tenant, 'invoice.paid', paid)
  expect(isGenuine(request, secret)).toBe(true)
  expect(request.body.toString()).toMatch(
    /^\{"id":"evt_[0-9a-f]{32}","object":"event","created":\d{10},"type":"invoice\.paid","data":\{"object":\{ "amount_paid": 1000, "currency": "eur" \}\}\}$/,
  )

  const { body: rotated } = await tenant.call<{ secret: string }>(
    'POST',
    `/v1/webhooks/subscriptions/${id}/rotate-secret`,
  )
  const after = await next(receiver, tenant, 'invoice.paid', paid)
  expect([isGenuine(after, secret), isGenuine(after, rotated.secret), isGenuine(after, 'another')]).toEqual([
    true,
    true,
    false,
  ])
})

test('payloads that break the schema of the document are refused over HTTP and NATS, with the path', async () => {
  const tenant = await pipeline.createTenant('strict', 'stripe-style')
  const wrong = { amount_paid: '1000', currency: 'eur' }
  expect(await tenant.call('POST', '/v1/events', { type: 'invoice.paid', payload: wrong })).toMatchObject({
    status: 422,
    body: { code: 'payload_invalid', errors: [{ field: 'payload.amount_paid' }] },
  })
  await tenant.publish('invoice.paid', JSON.stringify({ ...wrong, amount_paid: 1, currency: 'EURO' }))
  const [rejected] = await waitFor(
    async () => {
      const { body } = await tenant.call<{ data: Record<string, unknown>[] }>('GET', '/v1/events/rejected')
      return body.data.length > 0 && body.data
    },
    { what: 'the rejected event to be listed', timeoutMs: 20_000 },
  )
  expect(rejected).toMatchObject({
    code: 'payload_invalid',
    reason: 'payload.currency must match pattern "^[a-z]{3}$", says the schema of invoice.paid (profile stripe-style).',
  })
})

test('a changed document counts for what is accepted after the change has returned', async () => {
  const document = { ...documentOf('github-style'), name: 'changing' }
  const tenant = await pipeline.createTenant('changing', 'standard')
  expect((await tenant.call('POST', '/v1/profiles', document)).status).toBe(201)
  await pipeline.operate('PATCH', '/v1/tenants/changing', { profile: 'changing' })
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url, events: ['push'] })
  for (const version of [1, 2, 3, 4, 5]) {
    const changed = { ...document, headers: { 'X-Version': String(version) } }
    expect((await tenant.call('PUT', '/v1/profiles/changing', changed)).status).toBe(200)
    expect((await next(receiver, tenant, 'push', '{}')).headers['x-version']).toBe(String(version))
  }
})

test("the account's primary key signs where the profile says so, and another one does as soon as it is made", async () => {
  const document = {
    ...documentOf('github-style'),
    name: 'account-signed',
    signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex', key: 'account' }],
  }
  await pipeline.operate('POST', '/v1/profiles', document)
  const tenant = await pipeline.createTenant('workspace', 'account-signed')
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url, events: ['push'] })
  const first = await next(receiver, tenant, 'push', '{"n":1}')
  expect(first.headers['x-signature']).toBe(hexHmac(tenant.apiKey, first.body))

  const key = 'my_primary_api_key'
  await pipeline.operate('POST', '/v1/tenants/workspace/keys', { name: 'primary', role: 'owner', primary: true, key })
  const second = await next(receiver, tenant, 'push', '{"n":2}')
  expect(second.headers['x-signature']).toBe(hexHmac(key, second.body))
})
