import { sql, type CommonQueryMethods, type DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'

const Position = z.object({ position: z.int().min(0) })

/** The sequence of the last message of a stream that is in the tables. */
export async function readPosition(database: CommonQueryMethods, stream: string): Promise<number> {
  return database.oneFirst(sql.type(Position)`SELECT position FROM projection_positions WHERE stream = ${stream}`)
}

/** The same, and nobody else writes this stream's rows until the transaction ends. */
export async function lockPosition(transaction: DatabaseTransactionConnection, stream: string): Promise<number> {
  return transaction.oneFirst(
    sql.type(Position)`SELECT position FROM projection_positions WHERE stream = ${stream} FOR UPDATE`,
  )
}

export async function movePosition(
  transaction: DatabaseTransactionConnection,
  stream: string,
  position: number,
): Promise<void> {
  await transaction.query(
    sql.unsafe`UPDATE projection_positions SET position = ${position}, updated_at = now() WHERE stream = ${stream}`,
  )
}
