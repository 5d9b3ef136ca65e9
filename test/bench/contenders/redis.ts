import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { delimiter, join } from 'node:path'
import { cacheFolder, freePort, launchServer, unpackDebianPackages, type LaunchedServer } from '@jethook/local'

/** There is no redis-server on this machine, and no way to get one. */
export class NoRedis extends Error {
  override readonly name = 'NoRedis'
}

export interface Redis {
  readonly port: number
  readonly server: LaunchedServer
}

/** A Redis of its own that keeps what it is given (`appendonly`, synced every second), as BullMQ's documentation wants it. */
export async function startRedis(folder: string): Promise<Redis> {
  mkdirSync(folder, { recursive: true })
  const { program, libraries } = await findRedisServer()
  const port = await freePort()
  const server = await launchServer({
    name: 'redis-server',
    command: program,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''],
    options: { env: { ...process.env, ...(libraries && { LD_LIBRARY_PATH: libraries }) } },
    logFile: join(folder, 'redis.log'),
    stopSignal: 'SIGTERM',
    isReady: () => accepts(port),
  })
  return { port, server }
}

interface RedisProgram {
  readonly program: string
  readonly libraries?: string
}

async function findRedisServer(): Promise<RedisProgram> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  const installed = folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path))
  if (installed !== undefined) return { program: installed }
  const cached = join(cacheFolder(), 'redis')
  if (!existsSync(cached)) await fetchFromDebian(cached)
  return { program: join(cached, 'redis-server'), libraries: cached }
}

/** Of the machine's own release, with the libraries that are not everywhere. */
const packages = ['redis-tools', 'redis-server', 'libjemalloc2', 'libatomic1', 'liblzf1']

async function fetchFromDebian(target: string): Promise<void> {
  try {
    const placed = await unpackDebianPackages({ names: packages, use: (folder) => place(folder, target) })
    if (placed !== undefined) return
  } catch (error) {
    throw new NoRedis(`no redis-server on the PATH, and Debian’s packages could not be had: ${String(error)}`)
  }
  throw new NoRedis('no redis-server on the PATH')
}

function place(unpacked: string, target: string): string {
  const whole = `${target}.${process.pid}`
  mkdirSync(whole, { recursive: true })
  // In Debian, redis-server is another name of this program, which goes by the name it is called by.
  copyFileSync(join(unpacked, 'usr/bin/redis-check-rdb'), join(whole, 'redis-server'))
  chmodSync(join(whole, 'redis-server'), 0o755)
  const libraries = join(unpacked, 'usr/lib')
  for (const name of readdirSync(libraries, { recursive: true, encoding: 'utf8' })) {
    if (/\.so\.\d+$/.test(name)) copyFileSync(join(libraries, name), join(whole, name.split('/').at(-1) ?? ''))
  }
  if (existsSync(target)) rmSync(whole, { recursive: true })
  else renameSync(whole, target)
  return target
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
