import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMailServer, waitFor, type MailServer, type Receiver, type Recorded } from '../infrastructure/index.ts'
import { startPipeline, type Pipeline, type Tenant } from '../pipeline/pipeline.ts'
import { readCurlCommands, type CurlCommand } from './read-curl.ts'

/** LumoAuth's public webhook page, word for word. */
const page = readFileSync(join(import.meta.dirname, 'lumoauth.txt'), 'utf8')
const [create] = readCurlCommands(page) as [CurlCommand]
const catalogue = [...page.matchAll(/^ {2}• ([a-z_.]+) - (.*)$/gm)].map(([, name = '', description = '']) => ({
  name,
  description,
}))
const secret = 'your-webhook-secret'

/** The page's own verification snippet, run as it is printed. */
const [snippet = ''] = /const crypto = require[^]*?\n\}/.exec(page) ?? []
const verifyWebhook = runInThisContext(`((require) => { ${snippet}
return verifyWebhook })`)(createRequire(import.meta.url)) as (
  payload: Buffer,
  signature: string,
  secret: string,
) => boolean

interface Reply<T> {
  readonly status: number
  readonly body: T
}

interface Webhook {
  readonly id: string
  readonly active: boolean
}

let mailServer: MailServer
let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  mailServer = await startMailServer()
  pipeline = await startPipeline({
    https: true,
    env: { SMTP_URL: mailServer.url, NOTIFY_FROM: 'LumoAuth <notices@lumoauth.example>' },
  })
  tenant = await pipeline.createTenant('acme-corp', 'lumoauth')
})
afterAll(async () => {
  await pipeline?.stop()
  await mailServer?.close()
})

/** Runs the command of the page with only host, tenant and token changed; and what else can be done below its address. */
async function run<T = Webhook>({ method, url, headers, body }: CurlCommand, suffix = ''): Promise<Reply<T>> {
  const { pathname } = new URL(url.replace('{tenantSlug}', tenant.id))
  const answer = await fetch(`${pipeline.services.subscriptions.url}${pathname}${suffix}`, {
    method,
    headers: { ...headers, Authorization: headers['Authorization']?.replace('{admin_token}', tenant.apiKey) ?? '' },
    ...(body !== undefined && { body }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text ? JSON.parse(text) : undefined) as T }
}

const other = (method: string, suffix: string) =>
  run({ method, url: create.url, headers: { Authorization: 'Bearer {admin_token}' }, body: undefined }, suffix)

async function subscribed(receiver: Receiver, events?: string[]): Promise<Webhook> {
  const wanted = { ...(JSON.parse(create.body ?? '') as object), url: receiver.url, ...(events && { events }) }
  return (await run({ ...create, body: JSON.stringify(wanted) })).body
}

const isGenuine = ({ headers, body }: Recorded): boolean =>
  verifyWebhook(body, String(headers['x-lumoauth-signature']), secret)

test('the page has the command, the snippet and the 20 events that are tested here', () => {
  expect(create.method).toBe('POST')
  expect(create.url).toBe('https://your-domain.com/t/{tenantSlug}/api/v1/webhooks')
  expect(snippet).toContain('timingSafeEqual')
  expect(catalogue).toHaveLength(20)
})

test('"Via API": the command of the page creates its webhook', async () => {
  const created = await run(create)
  expect(created.status).toBe(201)
  expect(created.body).toMatchObject(JSON.parse(create.body ?? '') as object)
  const { secret: _, ...shown } = created.body as Webhook & { secret: string }
  expect((await other('GET', `/${shown.id}`)).body).toEqual(shown)
  expect((await other('DELETE', `/${shown.id}`)).status).toBe(204)
})

test('"Webhook Payload" and "Signature Verification": the envelope of the page, verified by its snippet', async () => {
  const receiver = await pipeline.receiver()
  const webhook = await subscribed(receiver)
  const [, printed = ''] = /Webhook Payload\n\n(\{[^]*?\n\}\n\})\n/.exec(page) ?? []
  const { data, ...envelope } = JSON.parse(printed) as { id: string; type: string; tenant: string; data: object }
  await tenant.publish(envelope.type, JSON.stringify(data), { id: envelope.id })
  const [request] = (await receiver.waitFor(1)) as [Recorded]
  expect(request.headers['x-lumoauth-signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
  expect(isGenuine(request)).toBe(true)
  expect(request.json()).toEqual({
    ...envelope,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    data,
  })
  expect(Object.keys(request.json() as object)).toEqual(Object.keys(JSON.parse(printed) as object))
  await other('DELETE', `/${webhook.id}`)
})

test('"Available Events": they are those of the page, and "*" gets each of them', async () => {
  const { body } = await tenant.call<{ data: unknown[] }>('GET', '/v1/event-types')
  expect(body.data).toEqual(catalogue)
  const receiver = await pipeline.receiver()
  const webhook = await subscribed(receiver, ['*'])
  for (const { name } of catalogue) await tenant.publish(name, '{}')
  const received = await receiver.waitFor(catalogue.length)
  const types = received.map((request) => (request.json() as { type: string }).type)
  expect(types.toSorted()).toEqual(catalogue.map(({ name }) => name).toSorted())
  expect(received.every(isGenuine)).toBe(true)
  await other('DELETE', `/${webhook.id}`)
})

test('"Active": a disabled webhook gets nothing until it is enabled', async () => {
  const receiver = await pipeline.receiver()
  const { id } = await subscribed(receiver, ['user.created'])
  expect((await other('POST', `/${id}/disable`)).body.active).toBe(false)
  await tenant.publish('user.created', '{"n":1}')
  const witness = await pipeline.receiver()
  const second = await subscribed(witness, ['user.created'])
  await tenant.publish('user.created', '{"n":2}')
  await witness.waitFor(1)
  expect(receiver.requests).toEqual([])
  expect((await other('POST', `/${id}/enable`)).body.active).toBe(true)
  await tenant.publish('user.created', '{"n":3}')
  const [request] = (await receiver.waitFor(1)) as [Recorded]
  expect(request.json()).toMatchObject({ data: { n: 3 } })
  for (const webhook of [id, second.id]) await other('DELETE', `/${webhook}`)
})

test('"Retry Policy": what is not 2xx is retried after a minute, and shown among the deliveries', async () => {
  const receiver = await pipeline.receiver(() => 302)
  const { id } = await subscribed(receiver, ['token.issued'])
  await tenant.publish('token.issued', '{}')
  interface Failed {
    readonly status: string
    readonly lastStatus: number
    readonly updatedAt: string
    readonly nextAttemptAt: string
  }
  const failed = await waitFor(async () => {
    const { body } = await run<{ data: Failed[] }>(
      { method: 'GET', url: create.url, headers: { Authorization: 'Bearer {admin_token}' }, body: undefined },
      `/${id}/deliveries?status=retrying`,
    )
    return body.data[0]
  })
  expect(failed.lastStatus).toBe(302)
  const pauseMs = Date.parse(failed.nextAttemptAt) - Date.parse(failed.updatedAt)
  expect(pauseMs).toBeGreaterThan(55_000)
  expect(pauseMs).toBeLessThan(75_000)
  await other('DELETE', `/${id}`)
})

test('"Consecutive failures": "Webhook disabled after threshold, admin notified", by webhook and by mail', async () => {
  await pipeline.operate('PATCH', `/v1/tenants/${tenant.id}`, { contactEmail: 'admin@acme-corp.example' })
  let isUp = false
  const failing = await pipeline.receiver(() => (isUp ? 200 : 500))
  const { id } = await subscribed(failing, ['security.high_risk'])
  // Each of many events fails at once; otherwise, most would wait for the endpoint to come back.
  await tenant.call('PATCH', `/v1/webhooks/subscriptions/${id}`, { circuitBreaker: false })
  const admins = await pipeline.receiver()
  const notified = await subscribed(admins, ['webhook.failing', 'webhook.disabled', 'webhook.enabled'])

  let notices: Recorded[] = []
  for (const failures of [10, 5, 3, 2]) {
    for (let n = 0; n < failures; n++) await tenant.publish('security.high_risk', `{"n":${n}}`)
    notices = await admins.waitFor(notices.length + 1, 20_000)
  }
  expect(notices.every(isGenuine)).toBe(true)
  const told = notices.map(
    (request) => request.json() as { type: string; data: { subscriptionId: string; percent?: number } },
  )
  expect(told.map(({ type, data }) => [type, data.percent])).toEqual([
    ['webhook.failing', 50],
    ['webhook.failing', 75],
    ['webhook.failing', 90],
    ['webhook.disabled', undefined],
  ])
  expect(told.every(({ data }) => data.subscriptionId === id)).toBe(true)
  expect((await other('GET', `/${id}`)).body.active).toBe(false)

  isUp = true
  expect((await other('POST', `/${id}/enable`)).body.active).toBe(true)
  const [, , , , enabled] = await admins.waitFor(5)
  expect(enabled?.json()).toMatchObject({ type: 'webhook.enabled', data: { subscriptionId: id } })

  const mailsAbout = () => mailServer.mails.filter(({ raw }) => raw.includes(id))
  const mails = await waitFor(() => mailsAbout().length >= 5 && mailsAbout())
  expect(mails.every(({ to }) => to.includes('admin@acme-corp.example'))).toBe(true)
  const subjects = mails.map(({ raw }) => String(/^Subject: (.*)\r$/m.exec(raw)?.[1]).replace(/127[^ ]+/, 'host'))
  expect(subjects.toSorted()).toEqual([
    'Webhook to host is enabled again',
    'Webhook to host keeps failing (50 %)',
    'Webhook to host keeps failing (75 %)',
    'Webhook to host keeps failing (90 %)',
    'Webhook to host was disabled',
  ])
  for (const webhook of [id, notified.id]) await other('DELETE', `/${webhook}`)
})
