import { createMetrics, noTracing, type Broker, type Logger } from '@jethook/runtime'
import { migrate } from '../database/migrate.ts'
import type { Database } from '../database/open-database.ts'
import { startProjections } from '../projection/start-projections.ts'
import { countRows } from './count-rows.ts'
import { emptyReadModels } from './empty-read-models.ts'
import { endsOfStreams } from './ends-of-streams.ts'
import { findUnfillable, type Unfillable } from './find-unfillable.ts'

export interface RebuildOptions {
  readonly broker: Broker
  readonly database: Database
  readonly logger: Logger
  readonly retentionMs: number
  /** Go on although rows are lost that the streams cannot bring back. */
  readonly force: boolean
  /** Told a line at a time what goes on. */
  readonly print: (line: string) => void
}

/** A rebuild would lose rows. */
export class UnfillableError extends Error {
  override readonly name = 'UnfillableError'
}

const progressEveryMs = 1_000

/**
 * Empties the read models and fills them again up to where the streams end now. Works beside running services, which
 * help to fill. Throws UnfillableError before anything is changed, and when Postgres or NATS cannot be reached at its beginning; later it waits for them.
 */
export async function rebuildReadModels(options: RebuildOptions): Promise<void> {
  const { broker, database, logger, retentionMs, force, print } = options
  const { pool } = database
  await migrate(pool.configuration.connectionUri, logger)
  const unfillable = await findUnfillable(broker, pool, retentionMs)
  if (unfillable.length > 0 && !force) throw new UnfillableError(sentenceOf(unfillable))
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

function sentenceOf(unfillable: readonly Unfillable[]): string {
  const rows = unfillable.map(({ table, stream, rows: count }) => `${count} rows of ${table} (${stream})`).join(', ')
  return `the streams no longer hold what these rows were made from: ${rows}. They would be lost. Nothing was changed; --force rebuilds all the same.`
}
