import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../infrastructure/index.ts'
import { deliveryIdOf, startPipeline, type Pipeline, type Tenant } from './pipeline.ts'

let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  pipeline = await startPipeline()
  tenant = await pipeline.createTenant('lumire')
})
afterAll(() => pipeline.stop())

const subscriptionPath = (id: string): string => `/v1/webhooks/subscriptions/${id}`

const isNow = (id: string, expected: object) =>
  waitFor(
    async () => {
      expect((await tenant.call('GET', subscriptionPath(id))).body).toMatchObject(expected)
      return true
    },
    { what: `${id} to be ${JSON.stringify(expected)}`, timeoutMs: 20_000 },
  )

test('a receiver that answers 410 is disabled, says why, and gets nothing until a test succeeds', async () => {
  let isGone = true
  const receiver = await pipeline.receiver(() => (isGone ? 410 : 200))
  const { id } = await tenant.subscribe({ url: receiver.url, events: ['deposit.created'] })
  await tenant.publish('deposit.created', '{"n":1}')
  await isNow(id, { status: 'disabled', active: false, disabledReason: 'gone', consecutiveFailures: 1 })

  await tenant.publish('deposit.created', '{"n":2}', { id: 'while-disabled' })
  await waitFor(async () => (await tenant.call('GET', '/v1/events/while-disabled')).status === 200)
  expect(receiver.requests).toHaveLength(1)

  isGone = false
  const { body } = await tenant.call<{ deliveryId: string }>('POST', `${subscriptionPath(id)}/test`)
  await tenant.delivery(body.deliveryId, 'delivered')
  await isNow(id, { status: 'active', active: true, disabledReason: null })
  await tenant.publish('deposit.created', '{"n":3}')
  await receiver.waitFor((request) => request.body.toString() === '{"n":3}')
  expect(receiver.requests.map(({ body: sent }) => sent.toString())).not.toContain('{"n":2}')
})

test('one that only fails is disabled, as its profile says, with the reason; one bad event disables nothing', async () => {
  const signature = { header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }
  await pipeline.operate('POST', '/v1/profiles', {
    name: 'strict',
    eventTypes: [{ name: 'deposit.settled' }],
    signatures: [signature],
    retry: { delaysMs: Array.from({ length: 20 }, () => 200) },
    circuitBreaker: false,
    disable: { consecutiveFailures: 8, minimumSpanMs: 1_000 },
  })
  const strict = await pipeline.createTenant('strict', 'strict')
  const isStrict = (id: string, expected: object) =>
    waitFor(async () => {
      expect((await strict.call('GET', subscriptionPath(id))).body).toMatchObject(expected)
      return true
    })
  const [failing, picky, closed] = [
    await pipeline.receiver(() => 500),
    await pipeline.receiver((request) => ((request.json() as { n: number }).n === 0 ? 500 : 200)),
    await pipeline.receiver(),
  ]
  await closed.close()
  const [failed, poisoned, blocked] = [
    await strict.subscribe({ url: failing.url }),
    await strict.subscribe({ url: picky.url }),
    // Nobody listens there, and the first event holds up the others.
    await strict.subscribe({ url: closed.url, ordered: true }),
  ]
  for (let n = 0; n < 3; n++) await strict.publish('deposit.settled', `{"n":${n}}`)

  for (const { id } of [failed, blocked]) {
    await isStrict(id, {
      status: 'disabled',
      disabledReason: 'failing',
      disabledAt: expect.any(String),
      firstFailureAt: expect.any(String),
    })
    const { body } = await strict.call<{ consecutiveFailures: number }>('GET', subscriptionPath(id))
    expect(body.consecutiveFailures).toBeGreaterThanOrEqual(8)
  }
  await picky.waitFor(20, 30_000)
  await isStrict(poisoned.id, { status: 'active', disabledReason: null })

  failing.respond(() => 200)
  await strict.call('POST', `${subscriptionPath(failed.id)}/enable`)
  await isStrict(failed.id, { status: 'active', disabledReason: null, consecutiveFailures: 0 })
  await strict.publish('deposit.settled', '{"n":3}')
  await failing.waitFor((request) => request.body.toString() === '{"n":3}')
})

test('a paused subscription gets what happened meanwhile when it is resumed', async () => {
  const receiver = await pipeline.receiver()
  const { id } = await tenant.subscribe({ url: receiver.url, events: ['deposit.settled'] })
  expect((await tenant.call('POST', `${subscriptionPath(id)}/pause`)).body).toMatchObject({ status: 'paused' })
  for (let n = 0; n < 20; n++) await tenant.publish('deposit.settled', `{"n":${n}}`)
  const waiting = await waitFor(async () => {
    const deliveries = await tenant.deliveries(id, '?status=pending&limit=50')
    return deliveries.length === 20 && deliveries
  })
  expect(new Set(waiting.map(({ reason }) => reason))).toEqual(new Set(['paused']))
  expect(receiver.requests).toHaveLength(0)

  expect((await tenant.call('POST', `${subscriptionPath(id)}/resume`)).body).toMatchObject({ status: 'active' })
  await receiver.waitFor(20, 20_000)
  expect(new Set(receiver.requests.map(({ body }) => body.toString())).size).toBe(20)
})

test('a pause that the receiver asks for is shown in the attempt', async () => {
  const receiver = await pipeline.receiver((_request, nth) =>
    nth === 1 ? { status: 503, headers: { 'retry-after': '2' } } : 200,
  )
  await tenant.subscribe({ url: receiver.url, events: ['deposit.failed'], retryScheduleMs: [10] })
  await tenant.publish('deposit.failed', '{}')
  const [first] = await receiver.waitFor(2, 20_000)
  if (!first) throw new Error('unreachable')
  const delivery = await tenant.delivery(deliveryIdOf(first), 'delivered')
  expect(delivery.attempts).toMatchObject([
    { status: 503, retryAfterMs: 2_000 },
    { status: 200, retryAfterMs: null },
  ])
})
