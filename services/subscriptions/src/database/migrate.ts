import { readdir, readFile } from 'node:fs/promises'
import type { Logger } from '@jethook/runtime'
import { pg, type PgClient } from './pg.ts'

/** The database knows migrations that this version does not. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError'
}

const folder = new URL('./migrations/', import.meta.url)

/** Any number will do, as long as all versions agree. */
const advisoryLock = 727_001

const connectTimeoutMs = 4_000

/**
 * Brings a database to this version's tables: the files of `migrations/` in the order of their names, each once, all in
 * one transaction. Several processes may do it at once. Throws NewerDatabaseError, or what Postgres says.
 */
export async function migrate(url: string, logger: Logger): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  const client = new pg.Client({
    connectionString: url,
    application_name: 'jethook-migrate',
    connectionTimeoutMillis: connectTimeoutMs,
  })
  // A connection that breaks rejects the query in hand too.
  client.on('error', (error) => logger.debug({ err: error }, 'database.error'))
  try {
    await client.connect()
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(${advisoryLock})`)
    const applied = await appliedMigrations(client)
    refuseNewer(applied, files)
    for (const name of files.filter((file) => !applied.has(file))) {
      await client.query(await readFile(new URL(name, folder), 'utf8'))
      await client.query({ text: 'INSERT INTO schema_migrations (name) VALUES ($1)', values: [name] })
      logger.info({ migration: name }, 'database.migrated')
    }
    await client.query('COMMIT')
  } finally {
    // Ends an unfinished transaction too.
    await client.end().catch(() => undefined)
  }
}

async function appliedMigrations(client: PgClient): Promise<Set<string>> {
  await client.query(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  const { rows } = await client.query('SELECT name FROM schema_migrations')
  return new Set(rows.map(({ name }) => String(name)))
}

function refuseNewer(applied: ReadonlySet<string>, files: readonly string[]): void {
  const unknown = [...applied].filter((name) => !files.includes(name)).toSorted()
  if (unknown.length === 0) return
  throw new NewerDatabaseError(
    `The database was migrated by a newer version of Jethook: this one does not know ${unknown.join(', ')}. ` +
      'Run that version, or give this one an empty database; it fills itself from the streams.',
  )
}
