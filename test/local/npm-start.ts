import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeWhenGone, spawnGuarded } from '@jethook/local'
import { waitFor } from '../infrastructure/index.ts'

const STARTED_WITHIN_MS = 90_000
const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Started {
  /** Everything it printed so far. */
  output(): string
  /** The first line that contains this. */
  line(containing: string): string
  readonly pid: number
  /** Sends it and resolves with the exit code, once it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** What still runs of it: its supervisor, servers and services. */
  leftovers(): Promise<string[]>
}

/** A folder for `.jethook` of its own, so that a stack that runs in this checkout stays as it is. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jethook-test-start-'))
  removeWhenGone(folder)
  await chmod(folder, 0o711)
  return folder
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

/** `npm start` without npm, on a data folder. Resolves when it says that it runs. */
export async function npmStart(folder: string): Promise<Started> {
  const { NATS_URL: _nats, DATABASE_URL: _database, ...env } = process.env
  const child = spawnGuarded(process.execPath, [join(root, 'run.mjs'), 'start'], {
    env: { ...env, JETHOOK_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  }
  const exited = once(child, 'exit')
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const running = await waitFor(() => hasEnded() || printed.includes('Ctrl-C stops everything'), {
    timeoutMs: STARTED_WITHIN_MS,
  }).catch(() => false)
  if (!running || hasEnded()) {
    child.kill('SIGTERM')
    throw new Error(`npm start ${hasEnded() ? 'ended' : 'did not get ready'}; it printed:\n${printed}`)
  }
  const pids = (JSON.parse(await readFile(join(folder, 'services.json'), 'utf8')) as Record<string, number>) ?? {}
  return {
    output: () => printed,
    line: (containing) => printed.split('\n').find((line) => line.includes(containing)) ?? '',
    pid: child.pid ?? 0,
    end: async (signal) => {
      if (!hasEnded()) {
        child.kill(signal)
        await exited
      }
      return child.exitCode
    },
    leftovers: async () =>
      (await processes())
        .filter(({ pid, command }) => {
          return command.includes(folder) || (Object.values(pids).includes(pid) && command.includes('main.ts'))
        })
        .map(({ pid, command }) => `${pid} ${command}`),
  }
}

async function processes(): Promise<{ pid: number; command: string }[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const commands = await Promise.all(
      pids.map(async (pid) => ({
        pid: Number(pid),
        command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      })),
    )
    return commands.map(({ pid, command }) => ({ pid, command: command.replaceAll('\0', ' ') }))
  }
  const list = spawn('ps', ['ax', '-o', 'pid=,command='], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = (await list.stdout.setEncoding('utf8').toArray()).join('').split('\n')
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim() }))
}
