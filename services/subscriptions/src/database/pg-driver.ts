import { BackendTerminatedError, createDriverFactory, type DriverCommand, type DriverFactory } from 'slonik'
import { copyIn, isCopyIn } from './copy-in.ts'
import { pg, type PgResult } from './pg.ts'

/** Longer than the server's own statement timeout: this one is for a server that is gone without a word. */
const silenceMs = 10_000

/**
 * Slonik's driver for pg connects when a pool is made, to look up type numbers; a service could then not start while
 * Postgres is down. This one connects when the first query comes, and the few types we parse have fixed numbers.
 */
export const pgDriver: DriverFactory = createDriverFactory(async ({ driverConfiguration }) => ({
  createPoolClient: async ({ clientEventEmitter }) => {
    const statementTimeoutMs = milliseconds(driverConfiguration.statementTimeout)
    const client = new pg.Client({
      connectionString: driverConfiguration.connectionUri,
      application_name: 'jethook-subscriptions',
      connectionTimeoutMillis: milliseconds(driverConfiguration.connectionTimeout),
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: milliseconds(driverConfiguration.idleInTransactionSessionTimeout),
      query_timeout: statementTimeoutMs && statementTimeoutMs + silenceMs,
      keepAlive: true,
      // What is written here goes with the position that says so: after a crash both are as they were a moment before,
      // and the streams are read from there.
      options: '-c synchronous_commit=off',
      types: { getTypeParser: typeParser },
    })
    client.on('error', (error) => clientEventEmitter.emit('error', error))
    client.on('notice', ({ message }) => message && clientEventEmitter.emit('notice', { message }))
    return {
      async connect() {
        await client.connect()
        // Left out, it would be what the database, the user or the URL say.
        if (statementTimeoutMs === 0) await client.query('SET statement_timeout = 0')
      },
      end: () => client.end(),
      query: async (text, values = [], { name } = {}) => {
        const result = isCopyIn(text)
          ? copyIn(client, text, values[0] as Buffer)
          : client.query({ text, values, ...(name && { name }) })
        return driverResult(await result.catch(rethrowWithType))
      },
      stream: () => {
        throw new Error('This driver does not stream: read pages instead.')
      },
    }
  },
}))

/** 0 is pg's way to say never. */
const milliseconds = (timeout: number | 'DISABLE_TIMEOUT'): number => (timeout === 'DISABLE_TIMEOUT' ? 0 : timeout)

const int8 = 20
const timestamptz = 1184

/** Sequences as numbers (they stay below 2^53) and times as milliseconds since the epoch. */
function typeParser(oid: number, format?: string): (value: string) => unknown {
  if (oid === int8) return Number
  if (oid === timestamptz) return Date.parse
  return pg.types.getTypeParser(oid, format)
}

/** Told that the connection is gone, Slonik does not try to roll back on it and throws it away. */
function rethrowWithType(error: unknown): never {
  if (error instanceof Error && /connection terminated|not queryable|query read timeout/i.test(error.message))
    throw new BackendTerminatedError(error)
  if (sqlState(error).startsWith('57P')) throw new BackendTerminatedError(error as Error)
  throw error
}

/** The five characters of Postgres (https://www.postgresql.org/docs/current/errcodes-appendix.html), or ''. */
export function sqlState(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

function driverResult({ command, rowCount, rows, fields }: PgResult) {
  return {
    command: command as DriverCommand,
    rowCount,
    rows,
    fields: fields.map(({ name, dataTypeID }) => ({ name, dataTypeId: dataTypeID })),
  }
}
