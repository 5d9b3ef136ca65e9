import { sql, type DatabasePool } from 'slonik'
import { z } from 'zod'

const tables = ['events', 'deliveries', 'attempts', 'rejected_events', 'subscriptions', 'config_changes'] as const

export async function countRows(pool: DatabasePool): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const table of tables) {
    counts.set(
      table,
      await pool.oneFirst(sql.type(z.object({ rows: z.int() }))`
        SELECT count(*) AS rows FROM ${sql.identifier([table])}`),
    )
  }
  return counts
}
