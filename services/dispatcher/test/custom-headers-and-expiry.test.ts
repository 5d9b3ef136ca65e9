import { createHmac } from 'node:crypto'
import { MessageHeader } from '@jethook/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { secret, startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

test('custom headers are added to each request, and replace nothing of ours, whatever the configuration holds', async () => {
  const { receiver, accept } = await fixture.endpoint(() => 200, {
    customHeaders: {
      'X-Team': 'payments',
      'X-LumireCRM-Signature': 'forged',
      'x-lumirecrm-event': 'forged',
      'Content-Type': 'text/forged',
      'USER-AGENT': 'forged',
    },
  })
  await accept(1)
  const [request] = await receiver.waitFor(1)
  expect(request?.headers).toMatchObject({
    'x-team': 'payments',
    'content-type': 'application/json',
    'user-agent': 'LumireCRM-Webhooks/1',
    'x-lumirecrm-signature': createHmac('sha256', secret)
      .update(request?.body ?? '')
      .digest('hex'),
  })
  expect(request?.rawHeaders.filter(([, value]) => value.includes('forged'))).toEqual([])
})

test('sealed headers are opened and sent, and neither they nor an echo of them are in the log', async () => {
  const token = 'THE-CUSTOMERS-SECRET'
  const { id, receiver, accept, outcomes } = await fixture.endpoint(({ headers }) => ({
    status: 200,
    body: `you sent ${String(headers['x-token'])}`,
  }))
  const sealedHeaders = {
    'X-Token': fixture.seal(id, `Token ${token}`),
    Authorization: fixture.seal(id, 'Basic VEhFLUNVU1RPTUVS'),
  }
  const envelope = { tenant, at: Date.now(), by: 'operator', subscriptionId: id }
  await fixture.decide({ type: 'SubscriptionUpdated', ...envelope, changes: { sealedHeaders } }, 'subscription', id)
  await accept(1)
  const [request] = await receiver.waitFor(1)
  expect(request?.headers).toMatchObject({ 'x-token': `Token ${token}`, authorization: 'Basic VEhFLUNVU1RPTUVS' })
  const [outcome] = await outcomes(1)
  expect(outcome?.attempt?.requestHeaders).toMatchObject({ 'x-token': '•••', authorization: 'Basic [redacted]' })
  expect(outcome?.attempt?.response?.body).toBe('you sent [redacted]')
  expect(JSON.stringify(outcome)).not.toMatch(/SECRET|VEhF/)
})

describe('expiry', () => {
  test('events accepted after it reach nobody; those before it do', async () => {
    const lasting = await fixture.endpoint()
    const over = await fixture.endpoint(() => 200, { expiresAt: Date.now() - 1 })
    const toCome = await fixture.endpoint(() => 200, { expiresAt: Date.now() + 3_600_000 })
    for (const { accept } of [over, toCome, lasting]) await accept(1)
    await Promise.all([lasting.receiver.waitFor(1), toCome.receiver.waitFor(1)])
    expect(over.receiver.requests).toEqual([])
  })

  test('retries that are due after it are cancelled', async () => {
    const expiresAt = Date.now() + 1_500
    const { receiver, accept, outcomes } = await fixture.endpoint(() => 500, { expiresAt, retryScheduleMs: [2_000, 0] })
    await accept(1)
    const [first, second] = await outcomes(2)
    expect(first?.outcome.type).toBe('retry')
    expect(second).toMatchObject({ outcome: { type: 'cancelled', reason: 'subscription_expired' }, attempt: null })
    expect(second?.at).toBeGreaterThanOrEqual(expiresAt)
    expect(receiver.requests).toHaveLength(1)
  })

  test('what waits for its turn at that moment is cancelled too', async () => {
    const expiresAt = Date.now() + 1_500
    // One at a time, and the first one takes until after the expiry.
    const { receiver, accept, outcomes } = await fixture.endpoint(
      async () => {
        while (Date.now() <= expiresAt) await new Promise((resolve) => setTimeout(resolve, 50))
        return 200
      },
      { expiresAt, concurrency: 1 },
    )
    await accept(3)
    const ended = await outcomes(3)
    const types = ended.map(({ outcome }) => outcome.type)
    expect(types.filter((type) => type === 'delivered')).toHaveLength(receiver.requests.length)
    expect(receiver.requests.length).toBeLessThan(3)
    for (const { receivedAtMs } of receiver.requests) expect(receivedAtMs).toBeLessThan(expiresAt + 50)
    expect(ended.at(-1)?.outcome).toEqual({ type: 'cancelled', reason: 'subscription_expired' })
  })

  test('a test of an expired subscription is shown as cancelled', async () => {
    const { id, receiver, outcomes } = await fixture.endpoint(() => 200, { expiresAt: Date.now() - 1 })
    await fixture.accept('webhook.test', '{}', { [MessageHeader.onlySubscription]: id })
    const [outcome] = await outcomes(1)
    expect(outcome?.outcome).toEqual({ type: 'cancelled', reason: 'subscription_expired' })
    expect(receiver.requests).toEqual([])
  })
})
