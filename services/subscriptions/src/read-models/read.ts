import { ProblemError } from '@jethook/contracts'
import { isNotMigrated, isUnavailable } from '../database/database-errors.ts'

/** Nobody waits longer for an answer of Postgres. */
export const readDeadlineMs = 5_000

/** Who reads waits for an answer: no retries, and `database_unavailable` rather than a long silence. */
export async function read<T>(query: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(unavailable(`No answer within ${readDeadlineMs} ms.`)), readDeadlineMs)
  try {
    return await Promise.race([query(), late.promise])
  } catch (error) {
    if (isUnavailable(error) || isNotMigrated(error)) throw unavailable(error)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function unavailable(cause: unknown): ProblemError {
  return new ProblemError(
    'database_unavailable',
    'The log of deliveries and events cannot be read right now. Deliveries go on meanwhile; try again in a while.',
    { cause },
  )
}
