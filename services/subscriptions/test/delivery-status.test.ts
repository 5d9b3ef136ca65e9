import type { DeliveryOutcome, DeliveryReference, DeliveryStatus, DomainEvent } from '@jethook/contracts'
import { noTracing } from '@jethook/runtime'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../src/database/migrate.ts'
import { createPartitions } from '../src/projection/partitions.ts'
import { configurationProjection } from '../src/projection/project-configuration.ts'
import { outcomesProjection } from '../src/projection/project-outcomes.ts'
import { createReadModels } from '../src/read-models/create-read-models.ts'
import { listDeliveries } from '../src/read-models/deliveries/list-deliveries.ts'
import { subscriptionCreated, subscriptionDeleted } from './given.ts'
import { startProjectionFixture, type ProjectionFixture } from './projection-fixture.ts'
import { delivered, reference, retried, stored } from './projection-messages.ts'

let fixture: ProjectionFixture
beforeAll(async () => {
  fixture = await startProjectionFixture()
  const { pool } = fixture.database
  await migrate(pool.configuration.connectionUri, fixture.logger)
  const partitions = createPartitions({ pool, retentionMs: 86_400_000, logger: fixture.logger, now: Date.now })
  await partitions.ensure(['deliveries', 'attempts'], [reference(1).acceptedAt])
})
afterAll(() => fixture?.stop())

type Build = (of: DeliveryReference) => DeliveryOutcome

/** Clocks differ by hours: `lateMs` is what a host's clock is ahead. */
const deliver =
  (number: number, lateMs = 0): Build =>
  (of) =>
    delivered(of, number, of.acceptedAt + lateMs)
const retry =
  (number: number, lateMs = 0): Build =>
  (of) =>
    retried(of, number, of.acceptedAt + lateMs)
const giveUp =
  (number: number, lateMs = 0): Build =>
  (of) => ({
    ...retried(of, number, of.acceptedAt + lateMs),
    outcome: { type: 'gave_up', reason: 'schedule_exhausted' },
  })
const replay =
  (number?: number, lateMs = 0): Build =>
  (of) => ({
    ...of,
    at: of.acceptedAt + lateMs,
    attempt: null,
    outcome: { type: 'replayed', by: 'key_1', ...(number !== undefined && { attempt: number }) },
  })
const defer =
  (lateMs = 0): Build =>
  (of) => ({
    ...of,
    at: of.acceptedAt + lateMs,
    attempt: null,
    outcome: { type: 'deferred', at: of.acceptedAt + 9, reason: 'saturated' },
  })

test.each<[string, readonly Build[], object]>([
  ['delivered', [deliver(1)], { status: 'delivered', attempts: 1, last_status: 200, last_error: null }],
  [
    'a retry names its time and the error',
    [retry(1)],
    { status: 'retrying', last_status: null, last_error: { code: 'ECONNREFUSED' } },
  ],
  ['given up', [retry(1), giveUp(2)], { status: 'gave_up', reason: 'schedule_exhausted', attempts: 2 }],
  ['put off without an attempt', [defer()], { status: 'pending', reason: 'saturated', attempts: 0, last_status: null }],
  [
    'replayed after it was given up: pending, and what came of the latest attempt stays',
    [giveUp(3), replay(4)],
    { status: 'pending', reason: null, attempts: 3, last_error: { code: 'ECONNREFUSED' } },
  ],
  [
    'a delivered replay is delivered, however far ahead the clock was of who asked for it',
    [giveUp(3), replay(4, 3_600_000), deliver(4)],
    { status: 'delivered', attempts: 4, last_status: 200 },
  ],
  [
    'a replay from before it said its number is delivered too',
    [giveUp(3), replay(undefined, 3_600_000), deliver(4)],
    { status: 'delivered', attempts: 4 },
  ],
  [
    'a replay decided on a log that was behind is delivered too',
    [retry(1), retry(2), retry(3), replay(2), deliver(2)],
    { status: 'delivered', attempts: 3 },
  ],
  [
    'a slow first attempt that times out after a replay delivered changes nothing',
    [replay(1), deliver(1), giveUp(1, 30_000)],
    { status: 'delivered', reason: null, attempts: 1, last_status: 200, last_error: null },
  ],
  ['a test that was sent waits', [replay(1)], { status: 'pending', reason: null, attempts: 0 }],
  ['a test that was quicker than the word of it', [deliver(1), replay(1)], { status: 'delivered', attempts: 1 }],
  ['and one that failed as quickly', [retry(1), replay(1)], { status: 'retrying', attempts: 1 }],
  ['a replay that fails says so', [deliver(1), replay(2), retry(2)], { status: 'retrying', attempts: 2 }],
  [
    'what was under way before a replay does not speak for it',
    [retry(1), giveUp(2), replay(3), deliver(2, 60_000)],
    { status: 'pending', attempts: 2 },
  ],
  [
    'an outcome that arrives late does not undo one of a later attempt',
    [retry(2), giveUp(1, 60_000)],
    { status: 'retrying', attempts: 2 },
  ],
  ['what a receiver took late was taken', [retry(2), deliver(1)], { status: 'delivered', attempts: 2 }],
  ['of two with the same number the later in the stream counts', [retry(1), giveUp(1)], { status: 'gave_up' }],
])('%s', async (_name, outcomes, expected) => {
  for (const cuts of everyCut(outcomes.length)) expect(await rowAfter(outcomes, cuts)).toMatchObject(expected)
})

test('into whichever batches outcomes come, the row is the same', async () => {
  for (let round = 0; round < 60; round++) {
    const outcomes = Array.from({ length: 2 + draw(5) }, drawOutcome)
    const alone = await rowAfter(outcomes, everyCut(outcomes.length).at(-1) ?? [])
    for (const cuts of [[], drawCuts(outcomes.length), drawCuts(outcomes.length)])
      expect(
        await rowAfter(outcomes, cuts),
        JSON.stringify(outcomes.map((build) => build(reference(1)).outcome)),
      ).toEqual(alone)
  }
})

/** A generator whose sequences are the same in every run. */
let state = 20_261_121
function draw(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return (state >>> 8) % below
}

function drawOutcome(): Build {
  const number = 1 + draw(4)
  const lateMs = draw(3) * 1_000
  const kinds = [deliver(number, lateMs), retry(number, lateMs), giveUp(number, lateMs), defer(lateMs), replay(number)]
  return kinds[draw(kinds.length)] ?? replay()
}

/** After which outcomes a batch ends: `[1, 3]` of four makes three batches. */
const everyCut = (length: number): number[][] =>
  Array.from({ length: 2 ** (length - 1) }, (_, bits) =>
    Array.from({ length: length - 1 }, (__, index) => index + 1).filter((cut) => bits & (1 << (cut - 1))),
  )

const drawCuts = (length: number): number[] =>
  Array.from({ length: length - 1 }, (_, index) => index + 1).filter(() => draw(2) === 1)

let lastDelivery = 0

async function rowAfter(builds: readonly Build[], cuts: readonly number[]): Promise<unknown> {
  const { pool } = fixture.database
  const projection = outcomesProjection(noTracing)
  const of = { ...reference(++lastDelivery), acceptedAt: reference(1).acceptedAt }
  const outcomes = builds.map((build) => build(of))
  const edges = [0, ...cuts, outcomes.length]
  for (const [index, start] of edges.slice(0, -1).entries()) {
    const batch = outcomes.slice(start, edges[index + 1])
    await pool.transaction((transaction) => projection.write(transaction, stored(...batch)))
  }
  return pool.one(sql.type(z.record(z.string(), z.unknown()))`
    SELECT status, reason, next_attempt_at, updated_at, attempts, run_from, attempted_at, last_status, last_error
    FROM deliveries WHERE id = ${of.deliveryId}`)
}

test('each delivery has its own row', async () => {
  const { pool } = fixture.database
  const outcomes = [deliver(1)(reference(1_001)), deliver(1)(reference(1_002)), retry(1)(reference(1_001))]
  await pool.transaction((transaction) => outcomesProjection(noTracing).write(transaction, stored(...outcomes)))
  expect((await fixture.rows('deliveries')).filter(({ event_sequence: n }) => Number(n) > 1_000)).toHaveLength(2)
})

test.each(['deletion', 'delivery'])(
  'what waits for a subscription that was created and deleted in one batch is cancelled, with the %s written first and committed last',
  async (first) => {
    const { pool } = fixture.database
    const subscriptionId = `sub_${first}`
    const events = [subscriptionCreated, subscriptionDeleted].map((event) => ({ ...event, subscriptionId }))
    const changes = events.map((event, index) => ({ sequence: ++lastDelivery + index, event: event as DomainEvent }))
    const [put, failed, took] = [++lastDelivery, ++lastDelivery, ++lastDelivery].map((number) =>
      reference(number, { subscriptionId, acceptedAt: reference(1).acceptedAt }),
    ) as [DeliveryReference, DeliveryReference, DeliveryReference]
    const outcomes = stored(defer()(put), retry(1)(failed), deliver(1)(took))
    const writes = [
      (transaction: DatabaseTransactionConnection) => configurationProjection.write(transaction, changes),
      (transaction: DatabaseTransactionConnection) => outcomesProjection(noTracing).write(transaction, outcomes),
    ] as const
    const [begin, follow] = first === 'deletion' ? writes : [writes[1], writes[0]]
    await pool.transaction(async (transaction) => {
      await begin(transaction)
      await pool.transaction(follow)
    })

    const readModels = createReadModels(fixture.database)
    const list = async (status?: DeliveryStatus) =>
      (await readModels.listDeliveries('acme', subscriptionId, { limit: 50, status })).data
    const cancelled = { status: 'cancelled', reason: 'subscription_deleted', nextAttemptAt: null }
    const found = await list('cancelled')
    expect(found).toMatchObject([cancelled, cancelled])
    expect(found.map(({ id }) => id).toSorted()).toEqual([put.deliveryId, failed.deliveryId].toSorted())
    expect(await list('delivered')).toMatchObject([{ id: took.deliveryId, status: 'delivered', reason: null }])
    for (const status of ['pending', 'retrying', 'gave_up'] as const) expect(await list(status)).toEqual([])
    expect(await list()).toHaveLength(3)
    expect(await readModels.getDelivery('acme', failed.deliveryId)).toMatchObject(cancelled)
  },
)

test.each(['delivered', 'gave_up'])(
  'where most were %s, and much waits for others, those that a deletion cancelled are found without reading through all',
  async (status) => {
    const { pool } = fixture.database
    const subscriptionId = `sub_mostly_${status}`
    const events = [subscriptionCreated, subscriptionDeleted].map((event) => ({ ...event, subscriptionId }))
    const changes = events.map((event, index) => ({ sequence: ++lastDelivery + index, event: event as DomainEvent }))
    await pool.transaction((transaction) => configurationProjection.write(transaction, changes))
    const insert = (of: string, as: string, count: number) =>
      pool.query(sql.unsafe`
        INSERT INTO deliveries (id, tenant, subscription_id, event_id, event_type, event_sequence, accepted_at, status,
          updated_at, attempts)
        SELECT ${of} || ${as} || number, 'acme', ${of}, 'evt_1', 'deposit.settled', number,
          to_timestamp(${reference(1).acceptedAt / 1_000}) + number / 1000 * interval '1 ms', ${as}, now(), 1
        FROM generate_series(1, ${count}) AS number`)
    await insert(subscriptionId, status, 10_000)
    await insert(subscriptionId, 'retrying', 3)
    await insert(`sub_failing_${status}`, 'retrying', 10_000)
    await pool.query(sql.unsafe`ANALYZE deliveries`)
    await pool.transaction(async (transaction) => {
      const query = { limit: 50, status: 'cancelled' } as const
      expect((await listDeliveries(transaction, 'acme', subscriptionId, query)).data).toHaveLength(3)
      const read = sql.type(z.object({ rows: z.int() }))`
        SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int8 AS rows FROM pg_stat_xact_user_tables
        WHERE relname LIKE 'deliveries%'`
      // There is more than one good way, as the sample of ANALYZE has it; the bad ones read 10,000.
      expect(await transaction.oneFirst(read)).toBeLessThan(1_000)
    })
  },
)
