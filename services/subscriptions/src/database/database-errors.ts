import {
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  StatementTimeoutError,
} from 'slonik'
import { sqlState } from './pg-driver.ts'

/** Whether Postgres could not be reached, went away, or cannot take more: what heals by itself. */
export function isUnavailable(error: unknown): boolean {
  if (
    error instanceof ConnectionError ||
    error instanceof BackendTerminatedError ||
    error instanceof BackendTerminatedUnexpectedlyError ||
    error instanceof StatementTimeoutError
  )
    return true
  const code = sqlState(error)
  // Connection exceptions, insufficient resources, operator intervention; or what the socket says.
  if (/^(08|53|57)...$|^E[A-Z]+$/.test(code)) return true
  return error instanceof Error && /connection (terminated|timeout)|timeout expired/i.test(error.message)
}

/** Whether the data itself is what Postgres cannot take: trying again gives the same answer. */
export function isDataError(error: unknown): boolean {
  // A RangeError comes from a time that no calendar has.
  return /^22...$/.test(sqlState(error)) || error instanceof RangeError
}

/** Whether a table is missing: the database has not been migrated yet. */
export function isNotMigrated(error: unknown): boolean {
  return sqlState(error) === '42P01'
}
