import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { launchServer, type LaunchedServer } from '../processes/launch-server.ts'
import { startRestartable, type PortChoice, type RestartableServer } from '../processes/restartable-server.ts'
import { stopLeftover } from '../processes/stop-process.ts'
import { findNatsServer, type Progress } from './find-binary.ts'

export interface NatsOptions extends PortChoice {
  /** Configuration, log and JetStream's data; the same folder again finds its data again. */
  readonly directory: string
  readonly name?: string
  readonly onProgress?: Progress
  readonly onUnexpectedExit?: (description: string) => void
}

export interface NatsServer extends RestartableServer {
  readonly url: string
}

/** An embedded nats-server with JetStream, on 127.0.0.1 only. Ready for work when this returns. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const directory = resolve(options.directory)
  mkdirSync(directory, { recursive: true })
  const binary = await findNatsServer(options.onProgress === undefined ? {} : { progress: options.onProgress })
  await stopEarlierRun(directory)

  const server = await startRestartable(options, (port) => launch({ ...options, directory, binary, port }))
  return Object.assign(server, { url: `nats://127.0.0.1:${server.port}` })
}

interface Launch extends NatsOptions {
  readonly binary: string
  readonly port: number
}

function launch({ binary, directory, port, name = 'jethook', onUnexpectedExit }: Launch): Promise<LaunchedServer> {
  const serverName = `${name}-${randomUUID()}`
  const configuration = join(directory, 'nats.conf')
  writeFileSync(configuration, configurationFile(directory, port, serverName))
  return launchServer({
    name: 'nats-server',
    command: binary,
    args: ['-c', configuration],
    logFile: join(directory, 'nats.log'),
    stopSignal: 'SIGTERM',
    isReady: () => answersAs(port, serverName),
    onUnexpectedExit,
  })
}

/**
 * `max_file_store` only bounds what streams may reserve together. The default, three quarters of the free disk, would refuse our
 * streams on a small one although they are nearly empty.
 */
function configurationFile(directory: string, port: number, serverName: string): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    `server_name: ${JSON.stringify(serverName)}`,
    `pid_file: ${JSON.stringify(pidFile(directory))}`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(directory)}`,
    '  max_file_store: 1TB',
    '}',
    '',
  ].join('\n')
}

/** The name tells it from another server that may have taken the port. */
async function answersAs(port: number, serverName: string): Promise<boolean> {
  try {
    const connection = await connect({ servers: `127.0.0.1:${port}`, reconnect: false, timeout: 1_000 })
    try {
      if (connection.info?.server_name !== serverName) return false
      await (await jetstreamManager(connection)).getAccountInfo()
      return true
    } finally {
      await connection.close()
    }
  } catch {
    return false
  }
}

function pidFile(directory: string): string {
  return join(directory, 'nats.pid')
}

async function stopEarlierRun(directory: string): Promise<void> {
  if (!existsSync(pidFile(directory))) return
  const pid = Number(readFileSync(pidFile(directory), 'utf8'))
  const itsCommand = new RegExp(`nats-server.*${RegExp.escape(join(directory, 'nats.conf'))}`)
  if (pid > 0) await stopLeftover(pid, itsCommand, 'SIGTERM')
}
