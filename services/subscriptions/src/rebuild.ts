import { parseArgs } from 'node:util'
import { createLogger, openBroker, SettingsError } from '@jethook/runtime'
import { openDatabase } from './database/open-database.ts'
import { readRebuildConfig } from './rebuild/config.ts'
import { rebuildReadModels } from './rebuild/rebuild-read-models.ts'

/** The command `rebuild [--force]`: empties the read models and fills them from the streams. */
async function main(force: boolean): Promise<void> {
  const config = readRebuildConfig()
  const logger = createLogger('rebuild', config.LOG_LEVEL)
  const broker = await openBroker({
    url: config.NATS_URL,
    credentialsFile: config.NATS_CREDENTIALS_FILE,
    name: 'jethook-rebuild',
    // They are the services' to set up; here they are only read.
    streams: [],
    logger,
  })
  // To count millions of rows takes minutes.
  const database = await openDatabase({ url: config.DATABASE_URL, logger, statementMs: 0 })
  await rebuildReadModels({
    broker,
    database,
    logger,
    retentionMs: config.RETENTION_DAYS * 86_400_000,
    force,
    print: (line) => process.stdout.write(`${line}\n`),
  })
  await database.close()
  await broker.close()
}

const usage = 'Usage: rebuild [--force]'

/** Whoever mistypes an option must not get what the command does without it. */
function readOptions(): { readonly force?: boolean; readonly help?: boolean } {
  try {
    return parseArgs({ options: { force: { type: 'boolean' }, help: { type: 'boolean' } } }).values
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    process.exit(64) // EX_USAGE of sysexits.h
  }
}

const { force = false, help = false } = readOptions()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
try {
  await main(force)
} catch (error) {
  process.stderr.write(`rebuild failed: ${error instanceof Error ? error.message || String(error) : String(error)}\n`)
  process.exit(error instanceof SettingsError ? 78 : 1)
}
