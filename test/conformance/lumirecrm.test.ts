import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor, type Recorded } from '../infrastructure/index.ts'
import { startPipeline, type Delivery, type Pipeline, type Subscription, type Tenant } from '../pipeline/pipeline.ts'
import { readCurlCommands, type CurlCommand } from './read-curl.ts'

/** LumireCRM's public webhook page, word for word. */
const page = readFileSync(join(import.meta.dirname, 'lumirecrm.txt'), 'utf8')
const [subscribe, sendTest] = readCurlCommands(page) as [CurlCommand, CurlCommand]
const catalogue = [...page.matchAll(/^\| ([a-z._]+) \| (.*) \|$/gm)].map(([, name, description]) => ({
  name,
  description,
}))

let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  pipeline = await startPipeline()
  tenant = await pipeline.createTenant('lumire')
})
afterAll(() => pipeline?.stop())

/** Runs a command of the page with only host and key changed. */
async function run(
  { method, url, headers, body }: CurlCommand,
  id = '',
): Promise<{ status: number; body: Subscription }> {
  const address = url.replace(/^http:\/\/[^/]+/, pipeline.services.subscriptions.url).replace('{id}', id)
  const answer = await fetch(address, {
    method,
    headers: { ...headers, 'X-API-Key': tenant.apiKey },
    ...(body !== undefined && { body }),
  })
  return { status: answer.status, body: (await answer.json()) as Subscription }
}

/** As the page says: hex HMAC-SHA256 over the raw body, compared in constant time. */
function isGenuine({ headers, body }: Recorded, secret: string): boolean {
  const expected = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'))
  const signature = Buffer.from(String(headers['x-lumirecrm-signature']))
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

test('the page has the two commands and the 21 events that are tested here', () => {
  expect(readCurlCommands(page).map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
    'POST /v1/webhooks/subscriptions',
    'POST /v1/webhooks/subscriptions/%7Bid%7D/test',
  ])
  expect(catalogue).toHaveLength(21)
})

test('"Subscribe": the command of the page subscribes its URL to its events', async () => {
  const created = await run(subscribe)
  expect(created).toMatchObject({
    status: 201,
    body: {
      url: 'https://your-app.example.com/webhooks/lumirecrm',
      events: ['deposit.settled', 'withdrawal.requested'],
      secret: expect.any(String),
    },
  })
  const { secret: _, ...shown } = created.body
  expect((await tenant.call('GET', `/v1/webhooks/subscriptions/${shown.id}`)).body).toEqual(shown)
  await tenant.call('DELETE', `/v1/webhooks/subscriptions/${shown.id}`)
})

test('"Verify the signature" and "Test a subscription": events and tests come as signed POSTs with their name', async () => {
  const receiver = await pipeline.receiver()
  const body = subscribe.body?.replace('https://your-app.example.com', receiver.url)
  const { id, secret } = (await run({ ...subscribe, body })).body
  await tenant.publish('deposit.settled', '{ "amount": 100.00, "currency": "EUR" }')
  const [event] = await receiver.waitFor(1)
  expect(event).toMatchObject({
    method: 'POST',
    path: '/webhooks/lumirecrm',
    headers: { 'content-type': 'application/json', 'x-lumirecrm-event': 'deposit.settled' },
  })
  expect(event && isGenuine(event, secret)).toBe(true)

  expect((await run(sendTest, id)).status).toBe(202)
  const [, tested] = await receiver.waitFor(2)
  expect(tested?.headers['x-lumirecrm-event']).toBe('webhook.test')
  expect(tested && isGenuine(tested, secret)).toBe(true)
  await tenant.call('DELETE', `/v1/webhooks/subscriptions/${id}`)
})

test('"Failed deliveries retry with exponential backoff and surface in /webhooks/{id}/deliveries for manual replay"', async () => {
  let isUp = false
  const receiver = await pipeline.receiver(() => (isUp ? 200 : 500))
  const { id } = await tenant.subscribe({ url: receiver.url, events: ['withdrawal.paid'] })
  await tenant.publish('withdrawal.paid', '{}')
  const failed = await waitFor(async () => {
    const [delivery] = await tenant.deliveries(id, '?status=retrying')
    return delivery as (Delivery & { readonly nextAttemptAt: string; readonly updatedAt: string }) | undefined
  })
  const pauseMs = Date.parse(failed.nextAttemptAt) - Date.parse(failed.updatedAt)
  expect(pauseMs).toBeGreaterThan(4_500)
  expect(pauseMs).toBeLessThan(7_500)

  isUp = true
  expect((await tenant.call('POST', `/v1/deliveries/${failed.id}/replay`)).status).toBe(202)
  expect((await tenant.delivery(failed.id, 'delivered')).attempts).toHaveLength(2)
  await tenant.call('DELETE', `/v1/webhooks/subscriptions/${id}`)
})

test('"Event catalogue": it is the one of the page, and each of its events is delivered under its name', async () => {
  const { body } = await tenant.call<{ data: unknown[] }>('GET', '/v1/event-types')
  expect(body.data).toEqual(catalogue)
  const receiver = await pipeline.receiver()
  const names = catalogue.map(({ name }) => String(name))
  await tenant.subscribe({ url: receiver.url, events: names })
  for (const name of names) await tenant.publish(name, '{}')
  const received = await receiver.waitFor(names.length)
  expect(received.map(({ headers }) => String(headers['x-lumirecrm-event'])).toSorted()).toEqual(names.toSorted())
})
