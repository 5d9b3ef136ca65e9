import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { alreadyRemoved, removeWhenGone, startPostgres, type PostgresServer } from '@jethook/local'
import { startBare, type LoopOptions } from './contenders/bare.ts'
import { startBullmq } from './contenders/bullmq.ts'
import type { Contender } from './contenders/contender.ts'
import { startJethook, type Jethook, type JethookOptions } from './contenders/jethook.ts'
import { startProduct, type Product, type ProductOptions } from './product/product.ts'
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

type OfBench = 'folder' | 'postgres' | 'nodeArguments' | 'receiver' | 'root'

/** What scenarios work with. What a scenario starts ends with it: none depends on what ran before. */
export interface Bench {
  readonly quick: boolean
  readonly receiver: BenchReceiver
  bare(options?: LoopOptions): Promise<Contender>
  /** Rejects with NoRedis where there is no Redis. */
  bullmq(fanOut?: number): Promise<Contender>
  /** With subscriptions; called `jethook` unless a name is given, which no other of the scenario has. */
  jethook(options?: Partial<Omit<JethookOptions, OfBench>>): Promise<Jethook>
  /** What a change is compared with, when that was asked for. */
  before(options?: Partial<Omit<JethookOptions, OfBench>>): Promise<Jethook> | undefined
  /** Without tenants. */
  product(options?: Partial<Omit<ProductOptions, OfBench>>): Promise<Product>
  /** A number that no run before had. */
  nextRun(): number
  say(progress: string): void
  endScenario(): Promise<void>
  stop(): Promise<void>
}

export async function openBench({ quick, profileFolder, nodeArguments, against }: BenchOptions): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'jethook-bench-'))
  removeWhenGone(folder)
  // Postgres does not run as root, and must be able to get to its data.
  await chmod(folder, 0o711)
  const receiver = await startReceiver()
  const started: Promise<{ stop(): Promise<void> }>[] = []
  let postgres: Promise<PostgresServer> | undefined
  let scenarios = 0
  let runs = 0

  const owned = <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    started.push(starting)
    return starting
  }
  const optionsFor = async (name: string): Promise<ProductOptions> => ({
    name,
    folder: join(folder, String(scenarios)),
    postgres: await (postgres ??= startPostgres({ directory: join(folder, 'postgres') })),
    nodeArguments: (service) => [
      ...nodeArguments,
      ...(profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}/${scenarios}-${name}-${service}`] : []),
    ],
  })
  const startOurs = async (
    options: Partial<Omit<JethookOptions, OfBench>> & { readonly root?: string },
  ): Promise<Jethook> => startJethook({ ...(await optionsFor(options.name ?? 'jethook')), receiver, ...options })
  const endScenario = async (): Promise<void> => {
    for (const starting of started.splice(0).toReversed()) {
      // One that did not start has nothing to stop, and has said why.
      const one = await starting.catch(() => undefined)
      await one?.stop().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
    }
    scenarios++
  }

  return {
    quick,
    receiver,
    bare: (options = {}) => owned(startBare(join(folder, String(scenarios)), receiver, options)),
    bullmq: (fanOut = 1) => owned(startBullmq(join(folder, String(scenarios)), receiver, fanOut)),
    jethook: (options = {}) => owned(startOurs(options)),
    before: (options = {}) =>
      against ? owned(startOurs({ ...options, name: 'before', root: resolve(against) })) : undefined,
    product: (options = {}) =>
      owned(optionsFor(options.name ?? 'jethook').then((own) => startProduct({ ...own, ...options }))),
    nextRun: () => ++runs,
    say: (progress) => process.stderr.write(`${progress}\n`),
    endScenario,
    async stop() {
      await endScenario()
      await (await postgres)?.stop()
      await receiver.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      alreadyRemoved(folder)
    },
  }
}
