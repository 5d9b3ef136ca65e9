import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { alreadyRemoved, removeWhenGone, startPostgres, type PostgresServer } from '@jethook/local'
import { startBare } from './contenders/bare.ts'
import { startBullmq } from './contenders/bullmq.ts'
import type { Contender } from './contenders/contender.ts'
import { startJethook, type Jethook, type JethookOptions } from './contenders/jethook.ts'
import { startReceiver, type BenchReceiver } from './receiver/receiver.ts'

export interface BenchOptions {
  /** Smaller counts and fewer repetitions: to see that it works, not to quote. */
  readonly quick: boolean
  /** Writes a CPU profile of each of our services into this folder. */
  readonly profileFolder: string | undefined
  /** For the Node of each of our services, to try something. */
  readonly nodeArguments: readonly string[]
  /** Another checkout, whose services are measured by turns with ours as `before`. */
  readonly against: string | undefined
}

/** What scenarios work with. Contenders start when they are first asked for and are then shared. */
export interface Bench {
  readonly quick: boolean
  readonly receiver: BenchReceiver
  bare(): Promise<Contender>
  /** Rejects with NoRedis where there is no Redis. */
  bullmq(): Promise<Contender>
  jethook(): Promise<Jethook>
  /** What a change is compared with, when that was asked for. */
  before(): Promise<Jethook> | undefined
  /** A number that no run before had. */
  nextRun(): number
  say(progress: string): void
  stop(): Promise<void>
}

export async function openBench({ quick, profileFolder, nodeArguments, against }: BenchOptions): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'jethook-bench-'))
  removeWhenGone(folder)
  // Postgres does not run as root, and must be able to get to its data.
  await chmod(folder, 0o711)
  const receiver = await startReceiver()
  const stops: (() => Promise<void>)[] = []
  const started = new Map<string, Promise<Contender>>()
  let postgres: Promise<PostgresServer> | undefined
  let runs = 0

  const shared = <T extends Contender>(name: string, start: () => Promise<T>): Promise<T> => {
    let contender = started.get(name) as Promise<T> | undefined
    if (!contender) {
      contender = start()
      started.set(name, contender)
      // One that did not start has nothing to stop, and has said why.
      stops.unshift(async () => (await contender?.catch(() => undefined))?.stop())
    }
    return contender
  }
  const sharedPostgres = (): Promise<PostgresServer> => {
    if (!postgres) {
      postgres = startPostgres({ directory: join(folder, 'postgres') })
      stops.push(async () => (await postgres)?.stop())
    }
    return postgres
  }
  const startOurs = async (options: Pick<JethookOptions, 'name' | 'env' | 'root'>): Promise<Jethook> =>
    startJethook({
      ...options,
      folder,
      receiver,
      postgres: await sharedPostgres(),
      nodeArguments: (service) => [
        ...nodeArguments,
        ...(profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}/${options.name}-${service}`] : []),
      ],
    })

  return {
    quick,
    receiver,
    bare: () => shared('bare', () => startBare(folder, receiver)),
    bullmq: () => shared('bullmq', () => startBullmq(folder, receiver)),
    jethook: () => shared('jethook', () => startOurs({ name: 'jethook' })),
    before: () => (against ? shared('before', () => startOurs({ name: 'before', root: resolve(against) })) : undefined),
    nextRun: () => ++runs,
    say: (progress) => process.stderr.write(`${progress}\n`),
    async stop() {
      for (const stop of stops) await stop().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
      await receiver.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      alreadyRemoved(folder)
    },
  }
}
