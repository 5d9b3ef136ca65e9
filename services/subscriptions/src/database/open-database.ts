import type { Logger } from '@jethook/runtime'
import { createPool, SchemaValidationError, type DatabasePool, type Interceptor } from 'slonik'
import { pgDriver } from './pg-driver.ts'

export interface Database {
  readonly pool: DatabasePool
  close(): Promise<void>
}

const limits = {
  /** One projection per stream, and what goes on beside them; or so many readers at the same time. */
  connections: 6,
  connectMs: 4_000,
  statementMs: 30_000,
  /** A process that hangs in the middle of a transaction must not keep the others from going on. */
  idleInTransactionMs: 15_000,
}

export interface DatabaseOptions {
  readonly url: string
  readonly logger: Logger
  /** 0: a statement may take as long as it needs. */
  readonly statementMs?: number
}

/**
 * Opens a pool that connects when it is used: Postgres need not be up. Readers have one of their own: however many they are,
 * and however slow, the projections go on.
 */
export async function openDatabase({
  url,
  logger,
  statementMs = limits.statementMs,
}: DatabaseOptions): Promise<Database> {
  const pool = await createPool(url, {
    driverFactory: pgDriver,
    interceptors: [validateRows],
    maxPoolSize: limits.connections,
    connectionTimeout: limits.connectMs,
    // Who retries, and how long, is for the callers to say.
    connectionRetryLimit: 0,
    statementTimeout: statementMs || 'DISABLE_TIMEOUT',
    idleInTransactionSessionTimeout: limits.idleInTransactionMs,
    idleTimeout: 60_000,
    // By default each use of a connection ends with DISCARD ALL. Nobody here changes more than the transaction's settings.
    resetConnection: () => Promise.resolve(),
  })
  // The query that failed rejects as well; without a listener Node would end the process.
  pool.on('error', (error) => logger.debug({ err: error }, 'database.error'))
  return { pool, close: () => pool.end() }
}

/** Slonik checks results against a query's schema only where an interceptor does it. */
const validateRows: Interceptor = {
  name: 'validate-rows',
  transformRow({ resultParser }, query, row) {
    const result = resultParser?.['~standard'].validate(row)
    if (!result) return row
    if (result instanceof Promise) throw new TypeError('A schema of a query must not be asynchronous.')
    if (result.issues) throw new SchemaValidationError(query, row, result.issues)
    return result.value as typeof row
  },
}
