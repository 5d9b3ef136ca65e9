import { createId, type DeliveryQuery } from '@jethook/contracts'
import { sql } from 'slonik'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createReadModels, type ReadModels } from '../src/read-models/create-read-models.ts'
import { startProjectionFixture, type ProjectionFixture } from './projection-fixture.ts'
import {
  attempt,
  delivered,
  publishEvent,
  publishOutcomes,
  publishRejected,
  reference,
  retried,
} from './projection-messages.ts'

const dayMs = 86_400_000
/** Noon of yesterday: the deliveries below lie in two days. */
const noon = Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2
const deliveries = Array.from({ length: 25 }, (_, number) =>
  reference(number, {
    // Some at the same millisecond; five of today.
    acceptedAt: number < 20 ? noon + Math.floor(number / 2) : noon + dayMs / 2 + number,
    eventType: number % 5 === 0 ? 'deposit.failed' : 'deposit.settled',
  }),
)
const newestFirst = deliveries
  .toSorted((a, b) => b.acceptedAt - a.acceptedAt || (a.deliveryId < b.deliveryId ? 1 : -1))
  .map(({ deliveryId }) => deliveryId)

let fixture: ProjectionFixture
let readModels: ReadModels
beforeAll(async () => {
  fixture = await startProjectionFixture()
  readModels = createReadModels(fixture.database)
  fixture.project()
  const { broker } = fixture
  await publishOutcomes(broker, ...deliveries.map((of, number) => (number % 2 ? retried(of) : delivered(of))))
  await publishOutcomes(broker, delivered(reference(1, { subscriptionId: 'sub_2' })))
  await publishOutcomes(broker, delivered(reference(1, { tenant: 'other', subscriptionId: 'sub_other' })))
  await publishEvent(broker, 'evt_1', { payload: '{ "n":  1.0 }', acceptedAt: noon })
  await publishEvent(broker, 'evt_1', { payload: '{ "n":  2.0 }', acceptedAt: noon + dayMs / 2 })
  for (let number = 0; number < 5; number++)
    await publishRejected(broker, { tenant: number < 3 ? 'acme' : 'nobody', payload: `${number}` })
  await fixture.caughtUp()
})
afterAll(() => fixture?.stop())

const list = (query: Partial<DeliveryQuery> = {}) => readModels.listDeliveries('acme', 'sub_1', { limit: 50, ...query })
const idsOf = ({ data }: { data: readonly { id: string }[] }): string[] => data.map(({ id }) => id)

describe('the deliveries of a subscription', () => {
  test('come newest first', async () => {
    const page = await list()
    expect(idsOf(page)).toEqual(newestFirst)
    expect(page.nextCursor).toBeNull()
  })

  test.each([1, 2, 7, 24, 25])('come in pages of %i without a gap or a repetition', async (limit) => {
    const ids: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await list({ limit, ...(cursor && { cursor }) })
      ids.push(...idsOf(page))
      cursor = page.nextCursor
    }
    expect(ids).toEqual(newestFirst)
  })

  test('show how they stand', async () => {
    const [of] = deliveries.slice(1)
    const { data } = await list({ status: 'retrying', limit: 200 })
    const acceptedAt = of?.acceptedAt ?? 0
    expect(data.find(({ id }) => id === of?.deliveryId)).toEqual({
      id: of?.deliveryId,
      subscriptionId: 'sub_1',
      eventId: 'evt_1',
      event: 'deposit.settled',
      status: 'retrying',
      reason: null,
      attempts: 1,
      lastStatus: null,
      lastError: { code: 'ECONNREFUSED', message: 'refused' },
      nextAttemptAt: new Date(acceptedAt + 5_001).toISOString(),
      createdAt: new Date(acceptedAt).toISOString(),
      updatedAt: new Date(acceptedAt + 1).toISOString(),
    })
  })

  test.each<[string, Partial<DeliveryQuery>, (number: number, acceptedAt: number) => boolean]>([
    ['delivered', { status: 'delivered' }, (number) => number % 2 === 0],
    ['retrying', { status: 'retrying' }, (number) => number % 2 === 1],
    ['gave_up', { status: 'gave_up' }, () => false],
    ['event type', { event: 'deposit.failed' }, (number) => number % 5 === 0],
    ['from', { from: new Date(noon + 5).toISOString() }, (_, acceptedAt) => acceptedAt >= noon + 5],
    ['to', { to: new Date(noon + 5).toISOString() }, (_, acceptedAt) => acceptedAt < noon + 5],
    ['everything', { status: 'retrying', event: 'deposit.failed', from: '0000-01-01T00:00:00Z' }, (n) => n % 10 === 5],
  ])('are filtered by %s, also over pages', async (_name, query, isExpected) => {
    const expected = new Set(
      deliveries.filter(({ acceptedAt }, number) => isExpected(number, acceptedAt)).map(({ deliveryId }) => deliveryId),
    )
    const ids: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await list({ ...query, limit: 3, ...(cursor && { cursor }) })
      ids.push(...idsOf(page))
      cursor = page.nextCursor
    }
    expect(ids).toEqual(newestFirst.filter((id) => expected.has(id)))
  })

  test('are not those of another tenant', async () => {
    expect(await readModels.listDeliveries('other', 'sub_1', { limit: 50 })).toEqual({ data: [], nextCursor: null })
  })

  test('are not found by a cursor that somebody made up', async () => {
    await expect(list({ cursor: 'abc' })).rejects.toMatchObject({ code: 'invalid_cursor' })
  })
})

describe('one delivery', () => {
  test('has every attempt in order, those of a replay too', async () => {
    const of = reference(900, { subscriptionId: 'sub_3' })
    await publishOutcomes(fixture.broker, delivered(of, 3), retried(of, 2), retried(of, 1))
    await publishOutcomes(fixture.broker, retried(of, 2))
    await fixture.caughtUp()
    const delivery = await readModels.getDelivery('acme', of.deliveryId)
    expect(delivery?.attempts.map(({ number }) => number)).toEqual([1, 2, 2, 3])
    expect(delivery?.attempts.at(-1)).toEqual({
      id: expect.stringMatching(/^att_/) as string,
      number: 3,
      trigger: 'retry',
      startedAt: expect.stringMatching(/^\d{4}-.*T.*\.\d{3}Z$/) as string,
      durationMs: 12.5,
      outcome: 'delivered',
      status: 200,
      error: null,
      // This one was recorded before there was more to say.
      decision: null,
      address: null,
      connectionReused: null,
      timing: { tokenMs: null, dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 12.5 },
      retryAfterMs: null,
      request: { url: 'https://receiver.example/webhooks', headers: { 'content-type': 'application/json' } },
      response: { headers: { server: 'test' }, body: 'ok', bodyTruncated: false },
    })
    expect(delivery?.attempts[0]).toMatchObject({ status: null, response: null, error: { code: 'ECONNREFUSED' } })
  })

  test('of an event that blocked its order for days shows the latest 200 attempts, and no more than fit an answer', async () => {
    const of = reference(902, { subscriptionId: 'sub_3' })
    const response = { status: 500, headers: {}, body: 'x'.repeat(16_384), bodyTruncated: true }
    const outcomes = Array.from({ length: 430 }, (_, index) => {
      const failed = attempt(index + 1, { id: createId('att', of.acceptedAt + index), response })
      return { ...retried(of, index + 1), attempt: failed }
    })
    for (let sent = 0; sent < outcomes.length; sent += 25)
      await publishOutcomes(fixture.broker, ...outcomes.slice(sent, sent + 25))
    await fixture.caughtUp()
    const delivery = await readModels.getDelivery('acme', of.deliveryId)
    expect(delivery?.attempts.map(({ number }) => number)).toEqual(Array.from({ length: 200 }, (_, i) => 231 + i))
  })

  test('tells where the time of an attempt went and why what followed was chosen', async () => {
    const of = reference(901, { subscriptionId: 'sub_3' })
    const { attempt, ...failed } = retried(of, 1)
    const connection = { address: '192.0.2.7', reused: false, dnsMs: 1, connectMs: 2, tlsMs: 3, firstByteMs: 4 }
    const decision = { code: 'http_503_retry_1_of_8', text: 'The receiver answered 503. Retry 1 of 8 follows.' }
    const again = delivered(of, 2)
    await publishOutcomes(
      fixture.broker,
      { ...failed, attempt: attempt && { ...attempt, tokenMs: 5, connection, decision } },
      { ...again, attempt: again.attempt && { ...again.attempt, connection: { address: '192.0.2.7', reused: true } } },
    )
    await fixture.caughtUp()
    const delivery = await readModels.getDelivery('acme', of.deliveryId)
    expect(delivery?.attempts).toEqual([
      expect.objectContaining({
        address: '192.0.2.7',
        connectionReused: false,
        timing: { tokenMs: 5, dnsMs: 1, connectMs: 2, tlsMs: 3, firstByteMs: 4, totalMs: 12.5 },
        decision,
      }),
      expect.objectContaining({
        address: '192.0.2.7',
        connectionReused: true,
        timing: { tokenMs: null, dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 12.5 },
        decision: null,
      }),
    ])
  })

  test('is not found by another tenant, nor when it does not exist', async () => {
    const { deliveryId } = reference(1)
    expect(await readModels.getDelivery('acme', deliveryId)).toMatchObject({ id: deliveryId })
    expect(await readModels.getDelivery('other', deliveryId)).toBeUndefined()
    expect(await readModels.getDelivery('acme', 'dlv_none')).toBeUndefined()
    expect(await readModels.deliveryForReplay('other', deliveryId)).toBeUndefined()
  })

  test('can be replayed from what is known of it', async () => {
    const [, of] = deliveries
    expect(await readModels.deliveryForReplay('acme', of?.deliveryId ?? '')).toEqual({ ...of, attempts: 1 })
  })

  test('is looked up by the index of every partition', async () => {
    const plan = await fixture.database.pool.any(sql.type(z.record(z.string(), z.unknown()))`
      EXPLAIN SELECT * FROM deliveries WHERE id = 'dlv_1' AND tenant = 'acme' ORDER BY accepted_at DESC LIMIT 1`)
    expect(JSON.stringify(plan)).toContain('Index')
    expect(JSON.stringify(plan)).not.toContain('Seq Scan')
  })
})

test('of two events with the same id the newer is found', async () => {
  expect(await readModels.getEvent('acme', 'evt_1')).toEqual({
    id: 'evt_1',
    type: 'deposit.settled',
    acceptedAt: noon + dayMs / 2,
    sequence: 2,
  })
  expect(await readModels.getEvent('other', 'evt_1')).toBeUndefined()
})

describe('rejected events', () => {
  const page = (tenant: string | undefined, limit: number, cursor?: string) =>
    readModels.listRejected({ tenant, limit, cursor })

  test('come newest first, of one tenant or of all', async () => {
    expect((await page('acme', 50)).data.map(({ payload }) => payload)).toEqual(['2', '1', '0'])
    expect((await page(undefined, 50)).data.map(({ payload }) => payload)).toEqual(['4', '3', '2', '1', '0'])
    expect((await page('acme', 50)).data[0]).toEqual({
      tenant: 'acme',
      type: 'deposit.settled',
      id: null,
      code: 'unknown_event_type',
      reason: 'because',
      payload: '2',
      size: 1,
      rejectedAt: expect.stringMatching(/\.\d{3}Z$/) as string,
    })
  })

  test('come in pages', async () => {
    const first = await page(undefined, 2)
    const second = await page(undefined, 2, first.nextCursor ?? '')
    const third = await page(undefined, 2, second.nextCursor ?? '')
    expect([first, second, third].flatMap(({ data }) => data.map(({ payload }) => payload)).join('')).toBe('43210')
    expect(third.nextCursor).toBeNull()
  })

  test('a cursor of another list is refused', async () => {
    const { nextCursor } = await list({ limit: 1 })
    await expect(page('acme', 2, nextCursor ?? '')).rejects.toMatchObject({ code: 'invalid_cursor' })
  })
})
