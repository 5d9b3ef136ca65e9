import {
  createAskStream,
  type AskStream,
  type Broker,
  type Logger,
  type Registry,
  type Tracing,
} from '@jethook/runtime'
import { migrate, NewerDatabaseError } from '../database/migrate.ts'
import type { Database } from '../database/open-database.ts'
import { createOutage } from './outage.ts'
import { createPartitions, type Partitions } from './partitions.ts'
import { projections } from './projections.ts'
import { createProjectionSignals } from './projection-signals.ts'
import type { ReadAheadLimits } from './read-ahead.ts'
import { retryForEver } from './retry-for-ever.ts'
import { runProjection } from './run-projection.ts'
import { sweepPartitions } from './sweep-partitions.ts'

export interface ProjectionOptions {
  readonly broker: Broker
  readonly database: Database
  readonly logger: Logger
  readonly tracing: Tracing
  readonly metrics: Registry
  /** Shared with other metrics. */
  readonly askStream?: AskStream
  /** How long rows of events, deliveries, attempts and rejected events are kept. */
  readonly retentionMs: number
  readonly limits?: ReadAheadLimits
  readonly now?: () => number
  readonly onPosition?: (stream: string, position: number) => void
}

export interface Projections {
  /** Finishes the batches in hand. */
  stop(): Promise<void>
}

/**
 * Brings the database up to date and projects all streams into it, for ever. While Postgres is down it tries on. A
 * database of a newer version ends the process: an unhandled NewerDatabaseError.
 */
export function startProjections(options: ProjectionOptions): Projections {
  const { database, logger, retentionMs, now = Date.now } = options
  const stopping = new AbortController()
  const partitions = createPartitions({ pool: database.pool, retentionMs, logger, now })
  const running = run(options, partitions, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

async function run(options: ProjectionOptions, partitions: Partitions, signal: AbortSignal): Promise<void> {
  const {
    broker,
    database,
    logger,
    tracing,
    metrics,
    limits,
    onPosition,
    askStream = createAskStream(broker),
  } = options
  const { pool } = database
  const outage = createOutage(logger)
  const signals = createProjectionSignals({ askStream, logger, metrics })

  const migration = { logger, outage, signal, what: 'migrations' }
  await retryForEver({ ...migration, isFatal: (error) => error instanceof NewerDatabaseError })(() =>
    migrate(pool.configuration.connectionUri, logger),
  )
  await Promise.all([
    ...projections(tracing).map((projection) => {
      const retry = retryForEver({
        logger,
        outage,
        signal,
        what: projection.stream,
        // Somebody may have dropped a partition that this process knows.
        onFailure: () => partitions.forget(),
      })
      return runProjection({
        broker,
        pool,
        logger,
        partitions,
        projection,
        signals,
        retry,
        signal,
        limits,
        onPosition: (position) => onPosition?.(projection.stream, position),
      })
    }),
    sweepPartitions({ partitions, signal, retry: retryForEver({ logger, outage, signal, what: 'retention' }) }),
  ])
}
