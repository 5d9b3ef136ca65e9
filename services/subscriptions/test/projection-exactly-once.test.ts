import { StreamName } from '@jethook/contracts'
import { createAskStream, createMetrics } from '@jethook/runtime'
import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { createOutage } from '../src/projection/outage.ts'
import { createPartitions } from '../src/projection/partitions.ts'
import { createProjectionSignals } from '../src/projection/projection-signals.ts'
import type { Projection } from '../src/projection/projection.ts'
import { openReadAhead, readAheadLimits, type ReadAheadLimits } from '../src/projection/read-ahead.ts'
import { retryForEver } from '../src/projection/retry-for-ever.ts'
import { runProjection } from '../src/projection/run-projection.ts'
import { startProjectionFixture, type ProjectionFixture } from './projection-fixture.ts'
import { delivered, publishOutcomes, reference } from './projection-messages.ts'

let fixture: ProjectionFixture
beforeAll(async () => {
  fixture = await startProjectionFixture()
  await fixture.project().stop()
  await waitFor(() => fixture.position(StreamName.attempts).then((position) => position === 0))
  await fixture.database.pool.query(sql.unsafe`CREATE TABLE applied (sequence bigint, writer text)`)
})
afterAll(() => fixture?.stop())

/** Counts what it applies: a message applied twice makes two rows. `fail` breaks off in the middle of a transaction. */
function counting(writer: string, fail: () => boolean): Projection<number> {
  return {
    stream: StreamName.attempts,
    partitioned: null,
    read: ({ seq }) => [seq],
    async write(transaction, sequences) {
      await transaction.query(
        sql.unsafe`INSERT INTO applied SELECT *, ${writer} FROM ${sql.unnest(
          sequences.map((sequence) => [sequence]),
          ['int8'],
        )}`,
      )
      // Long enough for the other replica to get at the same messages.
      await transaction.query(sql.unsafe`SELECT pg_sleep(0.003)`)
      if (fail()) throw new Error('broken off')
    },
  }
}

async function startReplica(writer: string, batchMessages: number, fail: () => boolean) {
  const { broker, logger, infrastructure } = fixture
  const database = await openDatabase({ url: infrastructure.databaseUrl, logger })
  const { pool } = database
  const stopping = new AbortController()
  const { signal } = stopping
  const running = runProjection({
    broker,
    pool,
    logger,
    signal,
    partitions: createPartitions({ pool, retentionMs: 1, logger, now: Date.now }),
    projection: counting(writer, fail),
    signals: createProjectionSignals({ askStream: createAskStream(broker), logger, metrics: createMetrics() }),
    retry: retryForEver({ logger, outage: createOutage(logger), signal, what: writer }),
    limits: { ...readAheadLimits, batchMessages, lingerMs: 2, everyMs: [2, 2], idleMs: 200 },
  })
  return {
    async stop() {
      stopping.abort()
      await running
      await database.close()
    },
  }
}

test('two replicas apply every message once, although transactions break, connections are cut and replicas come and go', async () => {
  let random = 1
  let broken = 0
  const oneIn = (many: number) => () => {
    random = (random * 48_271) % 2_147_483_647
    if (random % many === 0) broken++
    return random % many === 0
  }
  // Different sizes, so that their batches overlap.
  const first = await startReplica('first', 11, oneIn(7))
  let second = await startReplica('second', 17, oneIn(7))

  const messages = 1_500
  for (let number = 0; number < messages; number += 50) {
    const burst = Array.from({ length: 50 }, (_, index) => delivered(reference(number + index)))
    await Promise.all(burst.map((outcome) => publishOutcomes(fixture.broker, outcome)))
    if (number % 300 === 0) await cutConnections()
    if (number % 500 === 0) {
      await second.stop()
      second = await startReplica('second', 17, oneIn(7))
    }
  }
  await fixture.caughtUp()
  await Promise.all([first.stop(), second.stop()])

  expect(broken).toBeGreaterThan(10)
  const applied = await fixture.rows('applied')
  expect(applied.map(({ sequence }) => Number(sequence)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: messages }, (_, index) => index + 1),
  )
  expect(new Set(applied.map(({ writer }) => writer))).toEqual(new Set(['first', 'second']))
})

test('messages that are read again are not applied again', async () => {
  const before = await fixture.rows('applied')
  const replica = await startReplica('late', 100, () => false)
  await publishOutcomes(fixture.broker, delivered(reference(0)))
  await fixture.caughtUp()
  // The position goes back below what the replica expects, as if a rebuild had begun: it reads from there.
  await fixture.database.pool.query(
    sql.unsafe`UPDATE projection_positions SET position = 100 WHERE stream = 'ATTEMPTS'`,
  )
  await fixture.database.pool.query(sql.unsafe`DELETE FROM applied WHERE sequence > 100`)
  await waitFor(async () => (await fixture.rows('applied')).length === before.length + 1)
  await replica.stop()
})

test('reading stops when much waits, and goes on without a gap', async () => {
  const { broker, logger } = fixture
  const limits: ReadAheadLimits = {
    ...readAheadLimits,
    batchMessages: 10,
    lingerMs: 1,
    everyMs: [1, 1],
    aheadMessages: 20,
    waitingMessages: 50,
  }
  const projection = counting('none', () => false)
  const ahead = openReadAhead({ broker, projection, after: 3, logger, limits })
  // From here on it stops, and what was asked for comes.
  await waitFor(() => ahead.readUpTo > 3 + 30)
  const sequences: number[] = []
  while (sequences.length < 1_000) {
    for (const { seq } of await ahead.take()) sequences.push(seq)
    expect(ahead.readUpTo - (sequences.at(-1) ?? 0)).toBeLessThanOrEqual(50)
  }
  await ahead.close()
  expect(sequences).toEqual(sequences.map((_, index) => index + 4))
})

async function cutConnections(): Promise<void> {
  await fixture.database.pool.query(sql.unsafe`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}
