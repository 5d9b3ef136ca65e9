import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { configSubject } from '@jethook/contracts'
import { sql } from 'slonik'
import { z } from 'zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { emptyReadModels } from '../src/rebuild/empty-read-models.ts'
import { findUnfillable } from '../src/rebuild/find-unfillable.ts'
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
import { recordingLogger } from './recording-logger.ts'

const tables = ['events', 'deliveries', 'attempts', 'rejected_events', 'subscriptions', 'config_changes'] as const
const deliveries = 10_000
const outcomesPerMessage = 50

let fixture: ProjectionFixture
let running: { stop(): Promise<void> }
let before: unknown
beforeAll(async () => {
  fixture = await startProjectionFixture()
})
afterAll(() => fixture?.stop())

const dump = async (): Promise<Record<string, readonly unknown[]>> =>
  Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await fixture.rows(table)] as const)))

test('20,000 outcomes are projected, each once', async () => {
  const { broker } = fixture
  const outcomes = Array.from({ length: deliveries }, (_, number) => {
    const delivery = reference(number, { subscriptionId: `sub_${number % 7}` })
    return [retried(delivery, 1), delivered(delivery, 2)]
  }).flat()
  for (let first = 0; first < outcomes.length; first += outcomesPerMessage)
    await publishOutcomes(broker, ...outcomes.slice(first, first + outcomesPerMessage))
  for (let number = 0; number < 200; number++)
    await publishEvent(broker, `evt_${number}`, { payload: `{"n":${number}}` })
  for (let number = 0; number < 20; number++) await publishRejected(broker, { payload: `${number}` })
  const settings = { url: 'https://a.example/', events: ['x'], description: null, active: true }
  const change = {
    type: 'SubscriptionCreated',
    tenant: 'acme',
    at: 1_000,
    by: 'operator',
    settings: { ...settings, retryScheduleMs: null, timeoutMs: null },
    secret: 'k1.x',
  }
  for (const subscriptionId of ['sub_1', 'sub_2'])
    await broker.publisher.publish(
      configSubject('acme', 'subscription', subscriptionId),
      JSON.stringify({ ...change, subscriptionId }),
    )

  running = fixture.project()
  await fixture.caughtUp()
  before = await dump()
  expect(before).toMatchObject({ attempts: { length: 2 * deliveries }, deliveries: { length: deliveries } })
})

test('rebuild gives the same rows again while a service is running', async () => {
  const { status, output } = await rebuild()
  expect(output).toContain(`attempts: ${2 * deliveries} rows`)
  expect(output).toMatch(/ATTEMPTS 400\/400/)
  expect(status).toBe(0)
  expect(await dump()).toEqual(before)
})

test('a running service fills what a rebuild emptied and did not fill, although no message comes', async () => {
  await emptyReadModels(fixture.database.pool)
  await waitFor(async () => (await fixture.rows('attempts')).length === 2 * deliveries, { timeoutMs: 30_000 })
  await fixture.caughtUp()
  expect(await dump()).toEqual(before)
})

test('rebuild works without a service too', async () => {
  await running.stop()
  expect(await rebuild()).toMatchObject({ status: 0 })
  expect(await dump()).toEqual(before)
})

test.each([
  ['--bogus', 64, /^Unknown option '--bogus'.*\nUsage: rebuild \[--force\]\n$/],
  ['now', 64, /^Unexpected argument 'now'.*\nUsage: rebuild \[--force\]\n$/],
  ['--help', 0, /^Usage: rebuild \[--force\]\n$/],
])('rebuild %s changes nothing and shows the usage', async (argument, status, text) => {
  // After a rebuild the rows would be as the stream has them.
  await fixture.database.pool.query(sql.unsafe`UPDATE rejected_events SET reason = 'untouched'`)
  const held = await fixture.rows('rejected_events')
  const answer = await rebuild({}, argument)
  expect(answer.output).toMatch(text)
  expect(answer.status).toBe(status)
  expect(await fixture.rows('rejected_events')).toEqual(held)
})

test('rebuild refuses when a stream no longer holds what the tables do, and says so; --force goes on', async () => {
  const { broker } = fixture
  const old = reference(1, { eventId: 'evt_old', acceptedAt: Date.now() - 2 * 86_400_000 })
  await publishOutcomes(broker, {
    ...delivered(old),
    attempt: attempt(1, { startedAt: old.acceptedAt }),
  })
  const events = await publishEvent(broker, 'evt_kept')
  const projections = fixture.project()
  await fixture.caughtUp()
  await broker.manager.streams.purge('ATTEMPTS')
  await broker.manager.streams.purge('EVENTS', { seq: events })
  const held = await dump()

  const refused = await rebuild()
  expect(refused).toMatchObject({ status: 1 })
  expect(refused.output).toMatch(/20\d rows of events \(EVENTS\)/)
  expect(refused.output).toMatch(/rows of deliveries \(ATTEMPTS\)/)
  expect(refused.output).toContain('--force')
  expect(await dump()).toEqual(held)

  expect(await rebuild({}, '--force')).toMatchObject({ status: 0 })
  expect(await fixture.rows('deliveries')).toEqual([])
  expect(await fixture.rows('events')).toMatchObject([{ id: 'evt_kept' }])
  await projections.stop()
})

test('what receivers answered keeps no rebuild from counting what would be lost, NUL and halves of characters included', async () => {
  const { broker, database } = fixture
  const of = reference(5)
  const response = { status: 200, headers: { durationMs: '1' }, body: '{"startedAt":1}\0\ud800', bodyTruncated: false }
  await publishOutcomes(broker, { ...delivered(of), attempt: attempt(1, { startedAt: of.acceptedAt, response }) })
  const projections = fixture.project()
  await fixture.caughtUp()
  await projections.stop()
  await broker.manager.streams.purge('ATTEMPTS')
  expect(await findUnfillable(broker, database.pool, 7 * 86_400_000)).toMatchObject([
    { table: 'deliveries', rows: 1 },
    { table: 'attempts', rows: 1 },
  ])
})

test('what is older than the retention is not missed: the tables keep it a day longer than the streams', async () => {
  const { broker, database } = fixture
  await publishOutcomes(broker, delivered(reference(2)))
  const projections = fixture.project()
  await fixture.caughtUp()
  await broker.manager.streams.purge('ATTEMPTS')
  expect(await findUnfillable(broker, database.pool, 7 * 86_400_000)).toMatchObject([
    { table: 'deliveries' },
    { table: 'attempts' },
  ])
  expect(await findUnfillable(broker, database.pool, 60_000)).toEqual([])
  await projections.stop()
})

test('messages that a stream dropped before they were projected are reported and counted, once', async () => {
  const { broker, logger } = fixture
  for (let number = 0; number < 5; number++) await publishRejected(broker, { payload: `${number}` })
  const last = await publishRejected(broker, { payload: 'last' })
  await broker.manager.streams.deleteMessage('REJECTED', last - 1)
  await broker.manager.streams.deleteMessage('REJECTED', last - 3)
  await publishOutcomes(broker, delivered(reference(3)))
  const sequence = await publishOutcomes(broker, delivered(reference(4)))
  await broker.manager.streams.purge('ATTEMPTS', { seq: sequence })
  const projections = fixture.project()
  await fixture.caughtUp()
  const again = fixture.project()
  await fixture.caughtUp()
  const counted = await projections.metrics.getSingleMetric('jethook_projection_missing_total')?.get()
  const missing = Object.fromEntries(counted?.values.map(({ labels, value }) => [labels['stream'], value]) ?? [])
  expect(missing).toEqual({ ATTEMPTS: 1, REJECTED: 2 })
  expect(logger.messages.filter((message) => message === 'projection.messages_missing')).toHaveLength(3)
  await Promise.all([projections.stop(), again.stop()])
})

test('a stream that ends before the position is reported: it was made anew, and only a rebuild helps', async () => {
  const { database, logger } = fixture
  await database.pool.query(sql.unsafe`UPDATE projection_positions SET position = 1000000 WHERE stream = 'REJECTED'`)
  const projections = fixture.project()
  await waitFor(() => logger.messages.includes('projection.stream_is_shorter'))
  await projections.stop()
})

test('rebuild takes the time that it needs to count, whatever limits statements otherwise', async () => {
  const { broker, database, infrastructure } = fixture
  await broker.manager.streams.purge('ATTEMPTS')
  const limited = `${infrastructure.databaseUrl}?statement_timeout=1000`
  const other = await openDatabase({ url: limited, logger: recordingLogger() })
  const [locked, unlock] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const locking = database.pool.transaction(async (transaction) => {
    await transaction.query(sql.unsafe`LOCK TABLE attempts`)
    locked.resolve()
    await unlock.promise
  })
  await locked.promise
  const rebuilding = rebuild({ DATABASE_URL: limited }, '--force')
  const isWaiting = sql.type(z.object({ waiting: z.boolean() }))`
    SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'attempts'::regclass AND NOT granted) AS waiting`
  await waitFor(() => database.pool.oneFirst(isWaiting))
  // Begun later, it is over its time only after what waits would be.
  await expect(other.pool.query(sql.unsafe`SELECT pg_sleep(60)`)).rejects.toThrow('timeout')
  unlock.resolve()
  await locking
  await other.close()
  expect(await rebuilding).toMatchObject({ status: 0 })
})

test('rebuild says what it lacks', async () => {
  expect(await rebuild({ DATABASE_URL: '' })).toMatchObject({
    status: 78,
    output: expect.stringContaining('DATABASE_URL is not set') as string,
  })
  expect(await rebuild({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })).toMatchObject({
    status: 1,
    output: expect.stringContaining('ECONNREFUSED') as string,
  })
})

async function rebuild(
  environment: Record<string, string> = {},
  ...args: string[]
): Promise<{ status: unknown; output: string }> {
  const { nats, databaseUrl } = fixture.infrastructure
  const child = spawn(process.execPath, [new URL('../src/rebuild.ts', import.meta.url).pathname, ...args], {
    env: { PATH: process.env['PATH'], NATS_URL: nats.url, DATABASE_URL: databaseUrl, ...environment },
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { status, output: output + errors }
}
