import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor, type Receiver, type Recorded } from '../infrastructure/index.ts'
import { startPipeline, type Pipeline, type Tenant } from '../pipeline/pipeline.ts'

/** Lucra's public webhook page, word for word. */
const page = readFileSync(join(import.meta.dirname, 'lucra.txt'), 'utf8')

/** The request under "Create Webhook Configuration", as it stands there. */
const [, method = '', path = '', keyHeader = '', contentType = '', example = ''] =
  /^(POST) (\S+)\n(\S+): <your-api-key>\nContent-Type: (\S+)\n\n(\{[^]*?\n\})$/m.exec(page) ?? []
const [, table = ''] = /Available Event Types\n\nEvent\nDescription\n\n([^]*?)\n\nConfiguration Limits/.exec(page) ?? []
const catalogue = table
  .split('\n\n')
  .flatMap((line, index, lines) => (index % 2 ? [] : { name: line, description: lines[index + 1] }))

interface Config {
  readonly id: string
  readonly secretLink: { readonly url: string }
  readonly code?: string
}

let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  pipeline = await startPipeline({ https: true })
  tenant = await pipeline.createTenant('lucra', 'lucra')
})
afterAll(() => pipeline?.stop())

async function call(
  verb: string,
  suffix: string,
  body?: string,
  of: Tenant = tenant,
): Promise<{ status: number; body: Config & Record<string, unknown> }> {
  const answer = await fetch(`${pipeline.services.subscriptions.url}${path}${suffix}`, {
    method: verb,
    headers: { [keyHeader]: of.apiKey, ...(body !== undefined && { 'Content-Type': contentType }) },
    ...(body !== undefined && { body }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Config & Record<string, unknown> }
}

/** The example with what a test needs to be otherwise. */
const exampleWith = (changes: object): string =>
  JSON.stringify({ ...(JSON.parse(example) as object), expiresAt: null, ...changes })

/** Follows the single-use link, as the customer does. */
async function readSecret({ secretLink }: Config): Promise<string> {
  const answer = await fetch(secretLink.url, { method: 'POST' })
  return ((await answer.json()) as { secret: string }).secret
}

async function configured(receiver: Receiver, changes: object = {}): Promise<Config & { secret: string }> {
  const { status, body } = await call('POST', '', exampleWith({ url: `${receiver.url}/webhooks/lucra`, ...changes }))
  if (status !== 201) throw new Error(`Not created: ${JSON.stringify(body)}`)
  return { ...body, secret: await readSecret(body) }
}

/** "Verification Steps", 1 to 4. During a rotation the header holds several signatures. */
function isGenuine({ headers, body }: Recorded, secret: string): boolean {
  const computed = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
  return String(headers['x-lucra-signature'])
    .split(',')
    .some((text) => {
      const received = Buffer.from(text)
      return received.length === computed.length && timingSafeEqual(received, computed)
    })
}

const payload = (event: string): string =>
  `{"event": "${event}",  "userId": "user_91", "tenantId": "tenant_7", "properties": {"amount": 25.50}}`

test('the page has the request, the limits and the 14 events that are tested here', () => {
  expect([method, path, keyHeader]).toEqual(['POST', '/api/rest/webhook/configs', 'X-Lucra-Api-Key'])
  expect(catalogue).toHaveLength(14)
  expect(page).toContain('Maximum 5 webhook configurations per account')
})

test('"Create Webhook Configuration": the request of the page is understood; its expiry has passed since', async () => {
  const { status, body } = await call(method, '', example)
  expect([status, body.code]).toEqual([422, 'invalid_expiry'])
  const later = example.replace('2025-12-31', '2125-12-31')
  const created = await call(method, '', later)
  expect(created.status).toBe(201)
  expect(created.body).toMatchObject({
    ...(JSON.parse(later) as object),
    customHeaders: { 'X-Custom-Header': '•••' },
    expiresAt: '2125-12-31T23:59:59.000Z',
  })
  expect(JSON.stringify(created.body)).not.toMatch(/lucra_whsec_|"secret"/)
  const { id, secretLink: _, ...config } = created.body

  expect((await call('GET', `/${id}`)).body).toEqual({ id, ...config })
  expect((await call('GET', '')).body).toEqual({ data: [{ id, ...config }], nextCursor: null })
  expect((await call('PUT', `/${id}`, '{"name":"Renamed"}')).body).toMatchObject({ name: 'Renamed' })
  expect((await call('DELETE', `/${id}`)).status).toBe(204)
})

test('"Available Event Types": they are those of the page, and each is delivered', async () => {
  const { body } = await tenant.call<{ data: unknown[] }>('GET', '/v1/event-types')
  expect(body.data).toEqual(catalogue)
  const receiver = await pipeline.receiver()
  const names = catalogue.map(({ name }) => name)
  const { id, secret } = await configured(receiver, { subscriptions: names })
  for (const name of names) await tenant.publish(name, payload(name))
  const received = await receiver.waitFor(names.length)
  expect(received.every((request) => isGenuine(request, secret))).toBe(true)
  expect(received.map((request) => (request.json() as { event: string }).event).toSorted()).toEqual(names.toSorted())
  await call('DELETE', `/${id}`)
})

test('"Request Verification": the raw body is signed, byte for byte; custom headers are added, never in place of ours', async () => {
  const receiver = await pipeline.receiver()
  const { id, secret } = await configured(receiver)
  await tenant.publish('FundsDeposited', payload('FundsDeposited'))
  const [request] = (await receiver.waitFor(1)) as [Recorded]
  expect(request.method).toBe('POST')
  expect(request.path).toBe('/webhooks/lucra')
  expect(request.body.toString()).toBe(payload('FundsDeposited'))
  expect(request.headers['x-custom-header']).toBe('value')
  expect(request.headers['x-lucra-signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
  expect(isGenuine(request, secret)).toBe(true)
  expect(isGenuine(request, `${secret}x`)).toBe(false)
  await call('DELETE', `/${id}`)
})

describe('"Shared Secret Management"', () => {
  test('"Delivered via single-use secret links": a link that was used says so', async () => {
    const receiver = await pipeline.receiver()
    const config = await configured(receiver)
    const again = await fetch(config.secretLink.url, { method: 'POST' })
    expect(again.status).toBe(410)
    expect(await again.json()).toMatchObject({
      code: 'secret_link_used',
      detail: expect.stringContaining('works only once'),
    })
    await call('DELETE', `/${config.id}`)
  })

  test('"Each webhook configuration may have a different secret", and has', async () => {
    const [first, second] = [await pipeline.receiver(), await pipeline.receiver()]
    const [one, other] = [await configured(first), await configured(second)]
    await tenant.publish('UserSignedUp', payload('UserSignedUp'))
    const [[toFirst], [toSecond]] = [await first.waitFor(1), await second.waitFor(1)]
    expect(one.secret).not.toBe(other.secret)
    expect(toFirst && isGenuine(toFirst, one.secret)).toBe(true)
    expect(toFirst && isGenuine(toFirst, other.secret)).toBe(false)
    expect(toSecond && isGenuine(toSecond, other.secret)).toBe(true)
    for (const { id } of [one, other]) await call('DELETE', `/${id}`)
  })

  test('"for rotation": the old and the new secret both sign for a while', async () => {
    const receiver = await pipeline.receiver()
    const { id, secret: old } = await configured(receiver)
    const rotated = await call('POST', `/${id}/rotate-secret`)
    const secret = await readSecret(rotated.body)
    await tenant.publish('UserSignedUp', payload('UserSignedUp'))
    const [request] = (await receiver.waitFor(1)) as [Recorded]
    expect(secret).not.toBe(old)
    expect(isGenuine(request, secret)).toBe(true)
    expect(isGenuine(request, old)).toBe(true)
    expect(String(request.headers['x-lucra-signature']).split(',')).toHaveLength(2)
    await call('DELETE', `/${id}`)
  })
})

describe('"Configuration Limits"', () => {
  test('"Maximum 5", "can only exist in one configuration at a time"', async () => {
    const own = await pipeline.createTenant('limited', 'lucra')
    const url = 'https://your-domain.com/webhooks/lucra'
    const withdrawals = exampleWith({ url, subscriptions: ['C2CWithdrawal'] })
    expect((await call('POST', '', withdrawals, own)).status).toBe(201)
    const second = await call('POST', '', withdrawals, own)
    expect([second.status, second.body.code]).toEqual([409, 'event_type_taken'])
    for (let n = 2; n <= 5; n++) expect((await call('POST', '', exampleWith({ url }), own)).status).toBe(201)
    const sixth = await call('POST', '', exampleWith({ url }), own)
    expect([sixth.status, sixth.body.code]).toEqual([409, 'subscription_limit_reached'])
  })

  test('"Expiration": from that moment nothing is delivered, and what waits for a retry is cancelled', async () => {
    const receiver = await pipeline.receiver(() => 500)
    const expiresAt = Date.now() + 6_000
    const { id } = await configured(receiver, { expiresAt: new Date(expiresAt).toISOString() })
    // A retry that is due after it has expired; Lucra's own API cannot choose when retries come.
    await tenant.call('PATCH', `/v1/webhooks/subscriptions/${id}`, { retryScheduleMs: [7_000] })
    await tenant.publish('UserSignedUp', payload('UserSignedUp'))
    await receiver.waitFor(1)
    const cancelled = await waitFor(
      async () => {
        // Publishing goes on: what comes after that moment reaches nobody.
        if (Date.now() > expiresAt) await tenant.publish('UserSignedUp', payload('UserSignedUp'))
        return (await tenant.deliveries(id, '?status=cancelled')).at(-1)
      },
      { timeoutMs: 30_000, intervalMs: 200, what: 'the retry to be cancelled' },
    )
    expect(cancelled.reason).toBe('subscription_expired')
    expect(receiver.requests.every(({ receivedAtMs }) => receivedAtMs < expiresAt + 100)).toBe(true)
    expect((await tenant.deliveries(id)).every(({ status }) => status === 'cancelled')).toBe(true)
    await call('DELETE', `/${id}`)
  })
})
