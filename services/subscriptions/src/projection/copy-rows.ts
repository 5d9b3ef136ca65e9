import { sql, type DatabaseTransactionConnection } from 'slonik'
import type { Columns } from '../database/column-values.ts'
import { copyData } from '../database/copy-data.ts'

/**
 * Writes rows that are not there yet: a table's keys refuse the others, and with them the batch. It costs Postgres half
 * of what an INSERT does, which looks for each row first and writes them one by one.
 */
export async function copyRows<Row>(
  transaction: DatabaseTransactionConnection,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const names = Object.keys(columns).map((name) => sql.identifier([name]))
  // The driver sends the value as the data of the COPY; Slonik wants to see it in the text, Postgres must not.
  await transaction.query(sql.unsafe`COPY ${sql.identifier([table])} (${sql.join(names, sql.fragment`, `)})
    FROM STDIN (FORMAT binary) /* ${sql.binary(copyData(columns, rows))} */`)
}
