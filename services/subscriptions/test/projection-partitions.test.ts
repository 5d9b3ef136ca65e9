import { sql } from 'slonik'
import { z } from 'zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { migrate, NewerDatabaseError } from '../src/database/migrate.ts'
import { createPartitions } from '../src/projection/partitions.ts'
import { retentionMs, startProjectionFixture, type ProjectionFixture } from './projection-fixture.ts'
import { delivered, publishEvent, publishOutcomes, reference } from './projection-messages.ts'

const dayMs = 86_400_000
const noon = Date.parse('2026-03-10T12:00:00Z')

let fixture: ProjectionFixture
beforeAll(async () => {
  fixture = await startProjectionFixture()
})
afterAll(() => fixture?.stop())

const partitionsOf = (table: string): Promise<readonly string[]> =>
  fixture.database.pool.anyFirst(sql.type(z.object({ name: z.string() }))`
    SELECT inhrelid::regclass::text AS name FROM pg_inherits
    WHERE inhparent = ${table}::regclass ORDER BY name`)

test('processes that start at once migrate the database once', async () => {
  const { logger, infrastructure } = fixture
  await Promise.all([1, 2, 3, 4].map(() => migrate(infrastructure.databaseUrl, logger)))
  const migrated = logger.messages.filter((message) => message === 'database.migrated')
  expect(await fixture.rows('schema_migrations')).toHaveLength(migrated.length)
  await migrate(infrastructure.databaseUrl, logger)
})

test('each day has its partitions, and those older than the retention go as a whole', async () => {
  const { broker } = fixture
  let now = noon
  const replica = fixture.project({ now: () => now })
  for (const daysAgo of [0, 1, 6, 7, 8, 30]) {
    const acceptedAt = noon - daysAgo * dayMs
    await publishEvent(broker, `evt_${daysAgo}`, { acceptedAt })
    await publishOutcomes(broker, delivered(reference(daysAgo, { acceptedAt })))
  }
  await fixture.caughtUp()
  // What is older than the retention makes no partition, which would only be dropped again.
  const days = ['20260303', '20260304', '20260309', '20260310']
  for (const table of ['events', 'deliveries', 'attempts']) {
    expect(await partitionsOf(table)).toEqual(days.map((day) => `${table}_${day}`))
    expect(await fixture.rows(table)).toHaveLength(4)
  }
  await replica.stop()

  now = noon + 2 * dayMs
  const later = fixture.project({ now: () => now })
  await waitFor(async () => (await partitionsOf('attempts')).length === 2)
  expect(await partitionsOf('deliveries')).toEqual(['deliveries_20260309', 'deliveries_20260310'])

  // Somebody with another clock dropped a partition that this process knows.
  await publishEvent(broker, 'evt_before', { acceptedAt: now })
  await fixture.caughtUp()
  await fixture.database.pool.query(sql.unsafe`DROP TABLE events_20260312`)
  await publishEvent(broker, 'evt_after', { acceptedAt: now })
  await fixture.caughtUp()
  expect(await fixture.rows('events_20260312')).toMatchObject([{ id: 'evt_after' }])
  await later.stop()
})

test('two replicas may need the same partition at the same time', async () => {
  const { logger, database } = fixture
  const replicas = [1, 2, 3, 4].map(() =>
    createPartitions({ pool: database.pool, retentionMs, logger, now: () => noon }),
  )
  const times = [noon + 100 * dayMs, noon + 101 * dayMs]
  await Promise.all(replicas.map((replica) => replica.ensure(['events', 'deliveries'], times)))
  expect(await partitionsOf('events')).toEqual(expect.arrayContaining(['events_20260618', 'events_20260619']))
})

test('a partition has the primary key and the indexes of its table', async () => {
  const indexes = await fixture.database.pool.anyFirst(sql.type(z.object({ definition: z.string() }))`
    SELECT indexdef AS definition FROM pg_indexes WHERE tablename = 'deliveries_20260618'`)
  expect(indexes).toHaveLength(3)
})

test('a partition is analysed by a small sample, and not vacuumed for having grown', async () => {
  const settings = await fixture.database.pool.any(sql.type(z.object({ target: z.int(), options: z.string() }))`
    SELECT DISTINCT attstattarget::int4 AS target, array_to_string(reloptions, ',') AS options
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE attrelid = 'deliveries_20260618'::regclass AND attnum > 0`)
  expect(settings).toEqual([{ target: 10, options: 'autovacuum_vacuum_insert_threshold=-1' }])
})

test('a database of a newer version is refused, and says so', async () => {
  const { database, logger, infrastructure } = fixture
  await database.pool.query(sql.unsafe`INSERT INTO schema_migrations (name) VALUES ('9999-from-the-future.sql')`)
  const refusal = migrate(infrastructure.databaseUrl, logger)
  await expect(refusal).rejects.toThrow(NewerDatabaseError)
  await expect(refusal).rejects.toThrow(/newer version of Jethook.*9999-from-the-future\.sql/)
})
