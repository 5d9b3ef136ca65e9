import { createHmac } from 'node:crypto'
import { createServer as createTcpServer, type Server } from 'node:net'
import { createSecretBox } from '@jethook/configuration'
import { createId, eventsConsumer, MessageHeader, StreamName } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, waitFor, type Receiver, type Respond } from '../../../test/infrastructure/index.ts'
import { defaultSettings, secret, startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture
const receivers: Receiver[] = []

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
})
afterAll(async () => {
  await fixture.stop()
  await Promise.all(receivers.map((started) => started.close()))
})

async function receiver(respond?: Respond): Promise<Receiver> {
  const started = await startReceiver(respond)
  receivers.push(started)
  return started
}

/** An event type that only the calling test's subscription chose. */
let types = 0
const ownType = (): string => `only.test_${++types}`

test('posts the payload byte for byte, signed over the raw body, with event, delivery and attempt named', async () => {
  const endpoint = await receiver()
  const type = ownType()
  const id = await fixture.subscribe({ url: `${endpoint.url}/hooks?tenant=1`, events: [type] })
  const payload = '{ "amount" : 10.00, "big": 12345678901234567890, "name": "Zoë \\u00e9" }\n'
  const eventId = await fixture.accept(type, payload)

  const [request] = await endpoint.waitFor(1)
  expect(request).toMatchObject({ method: 'POST', path: '/hooks?tenant=1' })
  expect(request?.body.toString()).toBe(payload)
  const [outcome] = await fixture.outcomesOf(id, 1)
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-lumirecrm-event': type,
    'x-lumirecrm-event-id': eventId,
    'x-lumirecrm-delivery': outcome?.deliveryId,
    'x-lumirecrm-attempt': '1',
    'x-lumirecrm-signature': createHmac('sha256', secret).update(payload).digest('hex'),
  })
})

test('records an attempt with its request, response, time and duration', async () => {
  const endpoint = await receiver(() => ({ status: 201, headers: { 'x-trace': 'abc' }, body: 'taken' }))
  const type = ownType()
  const id = await fixture.subscribe({ url: endpoint.url, events: [type] })
  await fixture.accept(type, '{}')

  const [outcome] = await fixture.outcomesOf(id, 1)
  expect(outcome).toMatchObject({
    tenant,
    outcome: { type: 'delivered' },
    attempt: {
      number: 1,
      trigger: 'event',
      url: endpoint.url,
      requestHeaders: { 'x-lumirecrm-event': type },
      response: { status: 201, headers: { 'x-trace': 'abc' }, body: 'taken', bodyTruncated: false },
      error: null,
    },
  })
  expect(outcome?.attempt?.durationMs).toBeGreaterThan(0)
})

test('keeps the first 16 KiB of a response', async () => {
  const endpoint = await receiver(() => ({ body: 'x'.repeat(20_000) }))
  const type = ownType()
  const id = await fixture.subscribe({ url: endpoint.url, events: [type] })
  await fixture.accept(type, '{}')
  const [outcome] = await fixture.outcomesOf(id, 1)
  expect(outcome?.attempt?.response).toMatchObject({ body: 'x'.repeat(16_384), bodyTruncated: true })
})

test('does not read an endless response to its end: the status counts', async () => {
  const type = ownType()
  const endless = await tcpServer((write) => {
    write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n')
    for (let i = 0; i < 200; i++) write('y'.repeat(1_000))
  })
  const id = await fixture.subscribe({ url: endless.url, events: [type] })
  await fixture.accept(type, '{}')
  const [outcome] = await fixture.outcomesOf(id, 1)
  expect(outcome).toMatchObject({
    outcome: { type: 'delivered' },
    attempt: { response: { status: 200, bodyTruncated: true } },
  })
  endless.close()
})

test('sends an event to every subscription that chose its type and to no other', async () => {
  const endpoint = await receiver()
  const type = ownType()
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, i) => fixture.subscribe({ url: `${endpoint.url}/${i}`, events: ['x', type] })),
  )
  const other = await fixture.subscribe({ url: `${endpoint.url}/other`, events: [ownType()] })
  const inactive = await fixture.subscribe({ url: `${endpoint.url}/inactive`, events: [type], active: false })
  await fixture.accept(type, '{}')
  await Promise.all(ids.map((id) => fixture.outcomesOf(id, 1)))
  expect(new Set(endpoint.requests.map(({ path }) => path))).toEqual(new Set(ids.map((_, i) => `/${i}`)))
  expect(fixture.outcomes.some(({ subscriptionId: id }) => id === other || id === inactive)).toBe(false)
})

test('a test event goes to its subscription alone, even to an inactive one', async () => {
  const endpoint = await receiver()
  const type = ownType()
  const id = await fixture.subscribe({ url: `${endpoint.url}/tested`, events: [type], active: false })
  await fixture.accept('webhook.test', '{}', { [MessageHeader.onlySubscription]: id })
  expect((await fixture.outcomesOf(id, 1))[0]?.outcome.type).toBe('delivered')
})

test('retries on the schedule with growing attempt numbers and one delivery id, until success', async () => {
  const endpoint = await receiver((_request, nth) => (nth < 3 ? 500 : 200))
  const type = ownType()
  const id = await fixture.subscribe({ url: endpoint.url, events: [type], retryScheduleMs: [50, 50, 50] })
  await fixture.accept(type, '{"n":1}')

  const outcomes = await fixture.outcomesOf(id, 3)
  expect(outcomes.map(({ outcome, attempt }) => [outcome.type, attempt?.number, attempt?.trigger])).toEqual([
    ['retry', 1, 'event'],
    ['retry', 2, 'retry'],
    ['delivered', 3, 'retry'],
  ])
  expect(new Set(endpoint.requests.map(({ headers }) => headers['x-lumirecrm-delivery'])).size).toBe(1)
  expect(endpoint.requests.map(({ headers }) => headers['x-lumirecrm-attempt'])).toEqual(['1', '2', '3'])
  expect(endpoint.requests.map(({ body }) => body.toString())).toEqual(['{"n":1}', '{"n":1}', '{"n":1}'])
})

test('gives up when the schedule is used up', async () => {
  const endpoint = await receiver(() => 500)
  const type = ownType()
  const id = await fixture.subscribe({ url: endpoint.url, events: [type], retryScheduleMs: [20] })
  await fixture.accept(type, '{}')
  const outcomes = await fixture.outcomesOf(id, 2)
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    expect.objectContaining({ type: 'retry' }),
    { type: 'gave_up', reason: 'schedule_exhausted' },
  ])
})

test('a redirect is not followed and is a failure', async () => {
  const target = await receiver()
  const endpoint = await receiver(() => ({ status: 307, headers: { location: target.url } }))
  const type = ownType()
  const id = await fixture.subscribe({ url: endpoint.url, events: [type] })
  await fixture.accept(type, '{}')
  expect((await fixture.outcomesOf(id, 1))[0]).toMatchObject({
    outcome: { type: 'gave_up' },
    attempt: { response: { status: 307 } },
  })
  expect(target.requests).toHaveLength(0)
})

test.each([
  ['hangs', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab', 'timeout', 200],
  ['says nothing', '', 'timeout', undefined],
])('one deadline ends an attempt when the receiver %s', async (_what, answer, code, status) => {
  const type = ownType()
  const server = await tcpServer((write) => write(answer))
  const id = await fixture.subscribe({ url: server.url, events: [type], timeoutMs: 1_000 })
  await fixture.accept(type, '{}')
  const [outcome] = await fixture.outcomesOf(id, 1)
  expect(outcome).toMatchObject({ outcome: { type: 'gave_up' }, attempt: { error: { code } } })
  expect(outcome?.attempt?.response?.status).toBe(status)
  expect(outcome?.attempt?.durationMs).toBeGreaterThanOrEqual(990)
  server.close()
})

test.each([
  ['resets the connection', (write: Write, end: () => void) => end(), 'connection_closed'],
  ['does not speak HTTP', (write: Write) => write('220 smtp ready\r\n'), 'invalid_response'],
])('a receiver that %s is a failed attempt with its own code', async (_what, behave, code) => {
  const type = ownType()
  const server = await tcpServer(behave)
  const id = await fixture.subscribe({ url: server.url, events: [type] })
  await fixture.accept(type, '{}')
  expect((await fixture.outcomesOf(id, 1))[0]?.attempt?.error?.code).toBe(code)
  server.close()
})

test('nothing listening and an unknown host are failed attempts with their own codes', async () => {
  const gone = await startReceiver()
  await gone.close()
  const type = ownType()
  const refused = await fixture.subscribe({ url: gone.url, events: [type] })
  const unknown = await fixture.subscribe({ url: 'http://host.invalid/', events: [type] })
  await fixture.accept(type, '{}')
  expect((await fixture.outcomesOf(refused, 1))[0]?.attempt?.error?.code).toBe('connection_refused')
  expect((await fixture.outcomesOf(unknown, 1))[0]?.attempt?.error?.code).toBe('dns_failure')
})

test('a subscription that is deleted while a retry waits cancels the delivery', async () => {
  const endpoint = await receiver(() => 500)
  const type = ownType()
  const id = await fixture.subscribe({ url: endpoint.url, events: [type], retryScheduleMs: [2_000] })
  await fixture.accept(type, '{}')
  await endpoint.waitFor(1)
  await fixture.decide(
    { type: 'SubscriptionDeleted', tenant, at: Date.now(), by: 'operator', subscriptionId: id },
    'subscription',
    id,
  )
  const outcomes = await fixture.outcomesOf(id, 2)
  expect(outcomes[1]?.outcome).toEqual({ type: 'cancelled', reason: 'subscription_deleted' })
  expect(endpoint.requests).toHaveLength(1)
})

test('a secret that this deployment cannot open is waited for, and keeps nobody else waiting', async () => {
  const endpoint = await receiver()
  const type = ownType()
  const id = createId('sub', Date.now())
  const settings = { ...defaultSettings, url: endpoint.url, events: [type] }
  const otherBox = createSecretBox(`other:${Buffer.alloc(32, 7).toString('base64')}`)
  await fixture.decide(
    {
      type: 'SubscriptionCreated',
      tenant,
      at: Date.now(),
      by: 'operator',
      subscriptionId: id,
      settings,
      secret: otherBox.encrypt('s', `${tenant}/${id}`),
    },
    'subscription',
    id,
  )
  const good = await fixture.subscribe({ url: endpoint.url, events: [type] })
  await fixture.accept(type, '{}')
  expect((await fixture.outcomesOf(good, 1))[0]?.outcome.type).toBe('delivered')
  expect((await fixture.outcomesOf(id, 1))[0]?.outcome).toMatchObject({ type: 'deferred', reason: 'misconfigured' })
})

test('every event is acknowledged once its outcomes are stored', async () => {
  const idle = await waitFor(async () => {
    const info = await fixture.broker.manager.consumers.info(StreamName.events, eventsConsumer.name)
    return info.num_pending === 0 && info.num_ack_pending === 0 && info
  })
  expect(idle.num_redelivered).toBe(0)
})

type Write = (text: string) => void

/** A receiver that says exactly what it is told, HTTP or not. */
async function tcpServer(behave: (write: Write, end: () => void) => void): Promise<{ url: string; close(): void }> {
  const server: Server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      behave(
        (text) => socket.write(text),
        () => socket.destroy(),
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
