import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDnsServer, waitFor, type DnsServer } from '../infrastructure/index.ts'
import { deliveryIdOf, startPipeline, type Pipeline, type Tenant } from './pipeline.ts'

// 127.0.0.1 stands for the public internet, 127.0.0.2 for what must not be reached.
let dns: DnsServer
let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  dns = await startDnsServer(() => ['127.0.0.1'])
  pipeline = await startPipeline({ env: { ALLOWED_NETWORKS: '127.0.0.1', DNS_SERVERS: dns.address } })
  tenant = await pipeline.createTenant()
})
afterAll(async () => {
  await pipeline?.stop()
  await dns?.[Symbol.asyncDispose]()
})

test('a URL that leads inside cannot be subscribed', async () => {
  const settings = { url: 'http://127.0.0.2:8080/', events: ['deposit.settled'] }
  const { status, body } = await tenant.call('POST', '/v1/webhooks/subscriptions', settings)
  expect([status, body]).toEqual([422, expect.objectContaining({ code: 'destination_refused' })])
})

test('a name that leads inside after it was subscribed gets nothing; support sees why; it is delivered when that is over', async () => {
  const receiver = await pipeline.receiver()
  const { id } = await tenant.subscribe({
    url: `http://rebinding.test:${receiver.port}/hooks`,
    // The later ones leave the log the time to show that it is retried.
    retryScheduleMs: [200, 200, 5_000, 5_000, 5_000],
  })
  dns.answer = () => ['127.0.0.2']
  await tenant.publish('deposit.settled', '{"n":1}')
  const refused = await waitFor(async () => {
    const [delivery] = await tenant.deliveries(id)
    return delivery?.status === 'retrying' && delivery
  })
  expect(receiver.requests).toHaveLength(0)

  dns.answer = () => ['127.0.0.1']
  const delivery = await tenant.delivery(refused.id, 'delivered')
  expect(receiver.requests.map(deliveryIdOf)).toEqual([refused.id])
  expect(delivery.attempts[0]).toMatchObject({
    status: null,
    error: { code: 'destination_refused' },
    decision: { code: 'destination_refused_retry_1_of_5', text: expect.stringContaining('Retry 1 of 5 follows.') },
    address: null,
    connectionReused: false,
  })
  expect(delivery.attempts.at(-1)).toMatchObject({
    status: 200,
    decision: null,
    address: '127.0.0.1',
    connectionReused: false,
    timing: {
      tokenMs: null,
      dnsMs: expect.any(Number),
      connectMs: expect.any(Number),
      tlsMs: null,
      firstByteMs: expect.any(Number),
      totalMs: expect.any(Number),
    },
  })
})

test('a second delivery finds the connection open, and says so', async () => {
  const receiver = await pipeline.receiver()
  const { id } = await tenant.subscribe({ url: receiver.url, events: ['kyc.approved'] })
  let second: { readonly id: string } | undefined
  for (const n of [1, 2]) {
    await tenant.publish('kyc.approved', `{"n":${n}}`)
    // Not merely received: the connection is free when the answer has been read.
    ;[second] = await waitFor(async () => {
      const found = await tenant.deliveries(id)
      return found.length === n && found.every(({ status }) => status === 'delivered') && found
    })
  }
  const { attempts } = await tenant.delivery(second?.id ?? '', 'delivered')
  expect(attempts[0]).toMatchObject({
    address: '127.0.0.1',
    connectionReused: true,
    timing: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: expect.any(Number) },
  })
})

test('credentials go to the receiver, and nowhere else', async () => {
  const receiver = await pipeline.receiver(({ headers }) => ({ body: JSON.stringify(headers) }))
  const subscription = await tenant.subscribe({
    url: receiver.url,
    events: ['lead.created'],
    authentication: { type: 'bearer', token: 'only-for-the-receiver' },
  })
  await tenant.publish('lead.created', '{}')
  const [request] = await receiver.waitFor(1)
  expect(request?.headers.authorization).toBe('Bearer only-for-the-receiver')
  const delivery = await tenant.delivery(request ? deliveryIdOf(request) : '', 'delivered')
  expect(delivery.attempts[0]?.request.headers['authorization']).toBe('Bearer [redacted]')
  const { services } = pipeline
  const said = [subscription, delivery, services.dispatcher.output(), services.subscriptions.output()]
  expect(JSON.stringify(said)).not.toContain('only-for-the-receiver')
})
