import { sql, type FragmentSqlToken, type PrimitiveValueExpression } from 'slonik'

/** Each column with its type in Postgres and its value in a row. */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, valueOf: (row: Row) => ColumnValue]>>

type ColumnValue = PrimitiveValueExpression | Buffer

/** `INSERT INTO … SELECT …` of all rows at once: one array per column. */
export function insertRows<Row>(table: string, columns: Columns<Row>, rows: readonly Row[]): FragmentSqlToken {
  const names = Object.keys(columns).map((name) => sql.identifier([name]))
  const types = Object.values(columns).map(([type]) => type)
  const values = Object.values(columns).map(([, valueOf]) => valueOf)
  return sql.fragment`
    INSERT INTO ${sql.identifier([table])} (${sql.join(names, sql.fragment`, `)})
    SELECT * FROM ${sql.unnest(
      rows.map((row) => values.map((valueOf) => valueOf(row))),
      types,
    )}`
}
