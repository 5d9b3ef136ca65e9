import { sql, type DatabasePool } from 'slonik'

/**
 * Empties every table and sets all positions back, in one transaction: nobody ever sees rows that do not go with their
 * position. Projections that are running notice it by their next batch, or within seconds when nothing comes.
 */
export async function emptyReadModels(pool: DatabasePool): Promise<void> {
  await pool.transaction(async (transaction) => {
    // First the positions, then the tables: the order in which projections lock them.
    await transaction.query(sql.unsafe`SELECT stream FROM projection_positions ORDER BY stream FOR UPDATE`)
    await transaction.query(
      sql.unsafe`TRUNCATE events, deliveries, attempts, rejected_events, subscriptions, config_changes`,
    )
    await transaction.query(sql.unsafe`UPDATE projection_positions SET position = 0, updated_at = now()`)
  })
}
