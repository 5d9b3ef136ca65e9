import type { Client } from 'pg'

/**
 * What Postgres wrote, by its own count: the write-ahead log, and pages of tables and indexes. What Linux says of its
 * processes is far too much where the file system has large folios: a page dirties a whole one.
 */
export async function bytesWritten(database: Client): Promise<number> {
  await database.query('CHECKPOINT')
  // A backend's counts are shown when it has been idle for a moment, or a second after the last time.
  await database.query('SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()')
  const { rows } = await database.query(`
    SELECT (SELECT wal_bytes FROM pg_stat_wal)
         + (SELECT sum(write_bytes) FROM pg_stat_io WHERE object = 'relation') AS bytes`)
  return Number(rows[0]?.bytes)
}
