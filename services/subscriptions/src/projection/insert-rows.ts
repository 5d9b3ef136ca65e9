import { sql, type FragmentSqlToken } from 'slonik'
import { binaryArray, type ColumnType, type ColumnValue } from '../database/binary-array.ts'

/** Each column with its type in Postgres and its value in a row. */
export type Columns<Row> = Readonly<Record<string, readonly [type: ColumnType, valueOf: (row: Row) => ColumnValue]>>

/** `INSERT INTO … SELECT …` of all rows at once: one array per column. */
export function insertRows<Row>(table: string, columns: Columns<Row>, rows: readonly Row[]): FragmentSqlToken {
  const names = Object.keys(columns).map((name) => sql.identifier([name]))
  const arrays = Object.values(columns).map(([type, valueOf]) => {
    const array = sql.binary(binaryArray(type, rows.map(valueOf)))
    return sql.fragment`${array}::${sql.identifier([type])}[]`
  })
  return sql.fragment`
    INSERT INTO ${sql.identifier([table])} (${sql.join(names, sql.fragment`, `)})
    SELECT * FROM unnest(${sql.join(arrays, sql.fragment`, `)})`
}
