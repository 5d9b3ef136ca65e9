import { join } from 'node:path'
import { readCommandLine } from './command-line.ts'
import { introduction } from './demo/introduction.ts'
import { runDemo } from './demo/run-demo.ts'
import { DataFolder, type Ports, type Running } from './stack/data-folder.ts'
import { beginLife } from './stack/life.ts'
import { startServers } from './stack/servers.ts'
import { startServices } from './stack/services.ts'

/** `npm start`: NATS, Postgres, the three services and a demo, on this machine, until Ctrl-C. */
readCommandLine({ usage: 'npm start, which takes no arguments: settings are environment variables, see README.md' })
const root = join(import.meta.dirname, '../../..')
const life = beginLife((message) => console.log(message))
await start().catch(life.fail)

async function start(): Promise<void> {
  const { env } = process
  const folder = DataFolder.fromEnvironment(env)
  folder.lock()
  const lastPorts = (folder.read('ports.json') ?? {}) as Ports
  const servers = await startServers(env, { folder, ports: lastPorts, life })
  const { natsUrl, databaseUrl } = servers

  const keys = folder.keys()
  const operatorKey = env['OPERATOR_KEY'] || keys.operatorKey
  const settings = {
    NATS_URL: natsUrl,
    DATABASE_URL: databaseUrl,
    OPERATOR_KEY: operatorKey,
    ENCRYPTION_KEYS: env['ENCRYPTION_KEYS'] || keys.encryptionKeys,
    // The demo's receiver is on this machine. Nowhere else may requests go there.
    ALLOWED_NETWORKS: env['ALLOWED_NETWORKS'] || '127.0.0.0/8,::1',
    LOG_LEVEL: env['LOG_LEVEL'] || 'warn',
  }
  const services = await startServices({ ...env, ...settings }, { ports: lastPorts, life, folder })
  const { urls } = services
  life.say('ingest, subscriptions and dispatcher are ready')
  folder.write('running.json', { pid: process.pid, natsUrl, databaseUrl } satisfies Running)

  const natsCredentialsFile = env['NATS_CREDENTIALS_FILE']
  const receiverPort = lastPorts.receiver
  const demo = await runDemo({ urls, natsUrl, natsCredentialsFile, operatorKey, receiverPort, folder, life })
  folder.write('ports.json', { ...lastPorts, ...servers.ports, ...services.ports, receiver: demo.receiverPort })
  const { subscriptions: api, ingest } = urls
  const dataFolder = folder.path
  const dataFolderIsElsewhere = env['JETHOOK_DATA_DIR'] !== undefined
  life.say(introduction({ ...demo, api, ingest, natsUrl, databaseUrl, dataFolder, dataFolderIsElsewhere, root }))
}
