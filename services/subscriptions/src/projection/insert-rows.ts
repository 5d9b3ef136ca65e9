import { sql, type FragmentSqlToken } from 'slonik'
import { binaryArray } from '../database/binary-array.ts'
import type { Columns } from '../database/column-values.ts'

/** `INSERT INTO … SELECT …` of all rows at once: one array per column. Some of the rows may be there already. */
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
