import { createMetrics, noTracing, type Broker, type Logger } from '@jethook/runtime'
import { migrate } from '../database/migrate.ts'
import type { Database } from '../database/open-database.ts'
import { startProjections } from '../projection/start-projections.ts'
import { countRows } from './count-rows.ts'
import { emptyReadModels } from './empty-read-models.ts'
import { endsOfStreams } from './ends-of-streams.ts'

export interface RebuildOptions {
  readonly broker: Broker
  readonly database: Database
  readonly logger: Logger
  readonly retentionMs: number
  /** Told a line at a time what goes on. */
  readonly print: (line: string) => void
}

const progressEveryMs = 1_000

/**
 * Empties the read models and fills them again up to where the streams end now. Works beside running services, which
 * help to fill. Throws when Postgres or NATS cannot be reached at its beginning; later it waits for them.
 */
export async function rebuildReadModels(options: RebuildOptions): Promise<void> {
  const { broker, database, logger, retentionMs, print } = options
  const { pool } = database
  await migrate(pool.configuration.connectionUri, logger)
  const ends = await endsOfStreams(broker)
  await emptyReadModels(pool)
  print('The read models are empty. Filling them from the streams:')

  const positions = new Map<string, number>()
  const finished = Promise.withResolvers<void>()
  const isFinished = (): boolean => [...ends].every(([stream, end]) => (positions.get(stream) ?? 0) >= end)
  const printProgress = (): void => print(progress(ends, positions))

  const ticking = setInterval(printProgress, progressEveryMs)
  const projections = startProjections({
    broker,
    database,
    logger,
    retentionMs,
    tracing: noTracing,
    metrics: createMetrics(),
    onPosition(stream, position) {
      positions.set(stream, position)
      if (isFinished()) finished.resolve()
    },
  })
  await finished.promise
  clearInterval(ticking)
  await projections.stop()
  printProgress()
  for (const [table, rows] of await countRows(pool)) print(`${table}: ${rows} rows`)
}

function progress(ends: ReadonlyMap<string, number>, positions: ReadonlyMap<string, number>): string {
  return Array.from(ends, ([stream, end]) => `${stream} ${Math.min(positions.get(stream) ?? 0, end)}/${end}`).join('  ')
}
