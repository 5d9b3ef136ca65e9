import type { Logger } from '@jethook/runtime'
import { sql, type DatabasePool, type DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'
import { dayAfter, dayOf, dayOfPartition, nameOfDay, partitionName } from './days.ts'

export const partitionedTables = ['events', 'deliveries', 'attempts', 'rejected_events'] as const
export type PartitionedTable = (typeof partitionedTables)[number]

export interface Partitions {
  /** Creates the partitions that are missing for rows of these times (milliseconds since the epoch). */
  ensure(tables: readonly PartitionedTable[], timesMs: Iterable<number>): Promise<void>
  /** Whether a row of this time is older than the retention: its partition is, or will soon be, dropped. */
  isExpired(timeMs: number): boolean
  /** Drops the partitions that lie wholly before the retention. */
  dropExpired(): Promise<void>
  /** Forgets which partitions exist, after an error that may come from somebody else having dropped one. */
  forget(): void
}

interface PartitionOptions {
  readonly pool: DatabasePool
  readonly retentionMs: number
  readonly logger: Logger
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Two processes that make the same partition at once wait for each other. */
const advisoryLock = 727_002
/** Replicas' clocks differ by less: none drops what another one still writes. */
const clockToleranceMs = 3_600_000

export function createPartitions({ pool, retentionMs, logger, now }: PartitionOptions): Partitions {
  const existing = new Set<string>()
  return {
    async ensure(tables, timesMs) {
      const days = new Set<number>()
      let last: number | undefined
      for (const timeMs of timesMs) {
        const day = dayOf(timeMs)
        if (day !== last) days.add(day)
        last = day
      }
      for (const table of tables) {
        for (const day of days) {
          const partition = partitionName(table, day)
          if (existing.has(partition)) continue
          await createPartition(pool, table, day)
          existing.add(partition)
        }
      }
    },
    isExpired: (timeMs) => dayAfter(dayOf(timeMs)) <= now() - retentionMs,
    async dropExpired() {
      const before = now() - retentionMs - clockToleranceMs
      for (const table of partitionedTables) {
        for (const partition of await partitionsOf(pool, table)) {
          const day = dayOfPartition(table, partition)
          if (day === undefined || dayAfter(day) > before) continue
          await dropPartition(pool, partition)
          existing.delete(partition)
          logger.info({ partition }, 'projection.partition_dropped')
        }
      }
    },
    forget: () => existing.clear(),
  }
}

/** Made aside and then attached, because that way nobody who reads or writes the table has to wait. */
async function createPartition(pool: DatabasePool, table: PartitionedTable, day: number): Promise<void> {
  const partition = partitionName(table, day)
  const name = sql.identifier([partition])
  const parent = sql.identifier([table])
  const from = sql.literalValue(`${nameOfDay(day)} 00:00:00+00`)
  const to = sql.literalValue(`${nameOfDay(dayAfter(day))} 00:00:00+00`)
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(${advisoryLock})`)
    const exists = await transaction.oneFirst(
      sql.type(z.object({ exists: z.boolean() }))`SELECT to_regclass(${partition}) IS NOT NULL AS exists`,
    )
    if (exists) return
    // Nobody waits for what a vacuum after mere inserts does: rows go with their partition.
    await transaction.query(
      sql.unsafe`CREATE TABLE ${name} (LIKE ${parent} INCLUDING ALL) WITH (autovacuum_vacuum_insert_threshold = -1)`,
    )
    await keepStatisticsSmall(transaction, partition)
    await transaction.query(
      sql.unsafe`ALTER TABLE ${parent} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`,
    )
  })
}

/**
 * A growing partition is analysed every minute. With the usual sample of 30,000 rows that holds up everything else on a
 * small machine for the better part of a second; a tenth of it says as much about ids and times.
 */
async function keepStatisticsSmall(transaction: DatabaseTransactionConnection, partition: string): Promise<void> {
  const columns = await transaction.anyFirst(sql.type(z.object({ name: z.string() }))`
    SELECT attname::text AS name FROM pg_attribute
    WHERE attrelid = ${partition}::regclass AND attnum > 0 AND NOT attisdropped`)
  const changes = columns.map((name) => sql.fragment`ALTER COLUMN ${sql.identifier([name])} SET STATISTICS 10`)
  await transaction.query(sql.unsafe`ALTER TABLE ${sql.identifier([partition])} ${sql.join(changes, sql.fragment`, `)}`)
}

async function partitionsOf(pool: DatabasePool, table: PartitionedTable): Promise<readonly string[]> {
  return pool.anyFirst(
    sql.type(z.object({ name: z.string() }))`
      SELECT child.relname::text AS name
      FROM pg_inherits
      JOIN pg_class child ON child.oid = pg_inherits.inhrelid
      WHERE pg_inherits.inhparent = ${table}::regclass
      ORDER BY name`,
  )
}

async function dropPartition(pool: DatabasePool, partition: string): Promise<void> {
  await pool.transaction(async (transaction) => {
    // Dropping waits for whoever reads the table, and all others would wait behind it: rather try again later.
    await transaction.query(sql.unsafe`SET LOCAL lock_timeout = '2s'`)
    await transaction.query(sql.unsafe`DROP TABLE IF EXISTS ${sql.identifier([partition])}`)
  })
}
