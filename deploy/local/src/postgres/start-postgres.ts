import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { launchServer, type LaunchedServer, type ServerProgram } from '../processes/launch-server.ts'
import { isAlive } from '../processes/is-alive.ts'
import { startRestartable, type PortChoice, type RestartableServer } from '../processes/restartable-server.ts'
import { stopLeftover } from '../processes/stop-process.ts'
import { createCluster, DATABASE } from './create-cluster.ts'
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import { reachableFolder } from './reachable-folder.ts'

export interface PostgresOptions extends PortChoice {
  /** Data and log; the same folder again finds its data again. */
  readonly directory: string
  /** `false` saves the waits for the disk: for tests, whose data nobody needs after a power cut. */
  readonly durable?: boolean
  readonly onProgress?: (message: string) => void
  readonly onUnexpectedExit?: (description: string) => void
}

export interface PostgresServer extends RestartableServer {
  /** Of the database `jethook`, as a user who may do everything. */
  readonly url: string
  /** Where the data really is; differs from the directory asked for when that cannot be used, see `reachableFolder`. */
  readonly dataDirectory: string
}

/** An embedded Postgres, on 127.0.0.1 only and without passwords. Ready for work when this returns. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const asked = resolve(options.directory)
  const binaries = postgresBinaries()
  const folder = reachableFolder(asked, binaries.user)
  if (folder !== asked) options.onProgress?.(`Postgres cannot use ${asked} as root, its data is in ${folder}`)
  const data = await createCluster(folder, binaries)

  await clearLockOfEarlierRun(data)
  const server = await startRestartable(options, (port) => launch({ ...options, binaries, folder, data, port }))
  return Object.assign(server, {
    url: `postgres://postgres@127.0.0.1:${server.port}/${DATABASE}`,
    dataDirectory: folder,
  })
}

interface Launch extends PostgresOptions {
  readonly binaries: PostgresBinaries
  readonly folder: string
  readonly data: string
  readonly port: number
}

async function launch(run: Launch): Promise<LaunchedServer> {
  await clearLockOfEarlierRun(run.data)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launchServer(program(run))
    } catch (error) {
      // Sessions of a killed server need a moment to notice.
      const sessionsLinger = error instanceof Error && /shared memory block .* still in use/.test(error.message)
      if (!sessionsLinger || attempt === 50) throw error
      await delay(100)
    }
  }
}

function program(run: Launch): ServerProgram {
  const { binaries, data, port, durable = true } = run
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return {
    name: 'Postgres',
    command: binaries.postgres,
    args: [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    options: { ...binaries.user, cwd: '/', env: { ...process.env, LC_ALL: 'C' } },
    logFile: join(run.folder, 'postgres.log'),
    // "Fast shutdown": ends the sessions, writes everything, does not wait for clients.
    stopSignal: 'SIGINT',
    isReady: async () => saysReady(data) && (await accepts(port)),
    onUnexpectedExit: run.onUnexpectedExit,
  }
}

function lockFile(data: string): string {
  return join(data, 'postmaster.pid')
}

/** The file pg_ctl reads too: its first line is the pid, its eighth the status. */
function saysReady(data: string): boolean {
  try {
    return readFileSync(lockFile(data), 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('error', () => answer(false))
    socket.once('connect', () => {
      answer(true)
      socket.end()
    })
  })
}

/**
 * After a kill the lock file stays. If its server still runs, it is stopped. Postgres itself deals with the file of a dead one, and
 * checks by it that no session of that one is left; only when the pid now belongs to another program it would refuse to start.
 */
async function clearLockOfEarlierRun(data: string): Promise<void> {
  if (!existsSync(lockFile(data))) return
  const pid = Number(readFileSync(lockFile(data), 'utf8').split('\n')[0])
  const itsCommand = new RegExp(`postgres.*${RegExp.escape(data)}`)
  await stopLeftover(pid, itsCommand, 'SIGINT')
  if (isAlive(pid)) rmSync(lockFile(data), { force: true })
}
