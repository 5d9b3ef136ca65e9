import { join } from 'node:path'
import { readCommandLine } from './command-line.ts'
import { spawnGuarded } from './processes/guard.ts'
import { DataFolder, type Running } from './stack/data-folder.ts'

/** `node run.mjs rebuild [--force]`: the rebuild command of subscriptions, on what runs here or on `NATS_URL` and `DATABASE_URL`. */
readCommandLine({ usage: 'node run.mjs rebuild [--force]', flags: ['force'] })
const { env } = process
const running = DataFolder.fromEnvironment(env).read('running.json') as Running | undefined
const natsUrl = env['NATS_URL'] || running?.natsUrl
const databaseUrl = env['DATABASE_URL'] || running?.databaseUrl
if (natsUrl === undefined || databaseUrl === undefined) {
  console.error('Nothing runs here: start it with "npm start", or set NATS_URL and DATABASE_URL.')
  process.exit(1)
}

const program = join(import.meta.dirname, '../../../services/subscriptions/src/rebuild.ts')
const child = spawnGuarded(process.execPath, [program, ...process.argv.slice(2)], {
  env: { ...env, NATS_URL: natsUrl, DATABASE_URL: databaseUrl, LOG_LEVEL: env['LOG_LEVEL'] || 'warn' },
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => process.exit(code ?? 1))
