import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, nodeArguments as defaultNodeArguments, spawnGuarded, stopChild } from '@jethook/local'
import { waitFor } from './wait-for.ts'

const thisCheckout = fileURLToPath(new URL('../..', import.meta.url))
const READY_WITHIN_MS = 45_000
const KEPT_LINES = 200

export type ServiceName = 'ingest' | 'subscriptions' | 'dispatcher'

export interface ServiceProcess {
  readonly url: string
  /** Undefined while it is not running. */
  readonly pid: number | undefined
  /** Ends it with this signal and waits until it is gone; it stays gone until `start`. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and waits until it is ready. */
  start(): Promise<void>
  /** SIGTERM, then `start`. */
  restart(): Promise<void>
  /** The last lines it printed, over all its lives. */
  output(): string
}

export interface Services extends Record<ServiceName, ServiceProcess> {
  readonly operatorKey: string
  /** One more process of a service, beside the first one; ready when this resolves, and stopped with the others. */
  another(name: ServiceName): Promise<ServiceProcess>
  stop(): Promise<void>
}

export interface ServicesOptions {
  readonly natsUrl: string
  readonly databaseUrl: string
  /** Added to every service's environment. */
  readonly env?: Record<string, string>
  /** Those to start now; the others wait for their `start`. All of them unless given. */
  readonly only?: readonly ServiceName[]
  /** They write to `<service>.log` in this folder, as fast as they can, instead of being read line by line. */
  readonly outputFolder?: string
  /** For Node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: (service: ServiceName) => readonly string[]
  /** Another checkout whose services to run. */
  readonly root?: string
}

/** Receivers of tests listen on loopback. No name server is asked: there is none at this address. */
export const loopbackOnly = { ALLOWED_NETWORKS: '127.0.0.0/8,::1', DNS_SERVERS: '127.0.0.1:9' } as const

const running = new Set<() => string>()

/** The three services as they run in production: processes of their own, each with its `main.ts`. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const operatorKey = `operator-${randomBytes(16).toString('hex')}`
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    NATS_URL: options.natsUrl,
    DATABASE_URL: options.databaseUrl,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ...loopbackOnly,
    OPERATOR_KEY: operatorKey,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...options.env,
  }
  const services = {
    ingest: serviceProcess('ingest', await freePort(), env, options),
    subscriptions: serviceProcess('subscriptions', await freePort(), env, options),
    dispatcher: serviceProcess('dispatcher', await freePort(), env, options),
  }
  const all: ServiceProcess[] = Object.values(services)
  const stop = async (): Promise<void> => {
    await Promise.all(all.map((service) => service.kill('SIGTERM')))
    for (const { output } of all) running.delete(output)
  }
  for (const { output } of all) running.add(output)
  const wanted = options.only ?? (['ingest', 'subscriptions', 'dispatcher'] as const)
  const starts = await Promise.allSettled(wanted.map((name) => services[name].start()))
  const failed = starts.find((start) => start.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const another = async (name: ServiceName): Promise<ServiceProcess> => {
    const service = serviceProcess(name, await freePort(), env, options)
    all.push(service)
    running.add(service.output)
    await service.start()
    return service
  }
  return { ...services, operatorKey, another, stop }
}

/** What the services of this file printed; shown when a test fails. */
export function outputOfServices(): string {
  return [...running].map((output) => output()).join('')
}

function serviceProcess(
  name: ServiceName,
  port: number,
  env: Record<string, string>,
  { outputFolder, nodeArguments, root = thisCheckout }: ServicesOptions,
): ServiceProcess {
  const main = join(root, `services/${name}/src/main.ts`)
  const url = `http://127.0.0.1:${port}`
  const lines: string[] = []
  let child: ChildProcess | undefined
  const hasEnded = (): boolean => child === undefined || child.exitCode !== null || child.signalCode !== null
  const file = outputFolder && join(outputFolder, `${name}.log`)
  const output = (): string => (file ? lastLines(file) : lines).map((line) => `[${name}] ${line}\n`).join('')

  const start = async (): Promise<void> => {
    if (!hasEnded()) return
    const target = file ? openSync(file, 'a') : 'pipe'
    child = spawnGuarded(process.execPath, [...defaultNodeArguments[name], ...(nodeArguments?.(name) ?? []), main], {
      env: { ...env, PORT: String(port) },
      stdio: ['ignore', target, target],
    })
    if (typeof target === 'number') closeSync(target)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        lines.push(...chunk.trimEnd().split('\n'))
        lines.splice(0, lines.length - KEPT_LINES)
      })
    }
    const what = `${name} to be ready at ${url}/readyz`
    const isReady = await waitFor(async () => (hasEnded() ? 'ended' : await answers(`${url}/readyz`)), {
      timeoutMs: READY_WITHIN_MS,
      what,
    }).catch(async (error: unknown) => {
      await kill('SIGKILL')
      throw new Error(`${String(error)}\n${output()}`)
    })
    if (isReady === 'ended') throw new Error(`${name} ended instead of getting ready\n${output()}`)
  }
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child !== undefined) await stopChild(child, signal, 15_000)
  }
  return {
    url,
    get pid() {
      return hasEnded() ? undefined : child?.pid
    },
    kill,
    start,
    restart: async () => {
      await kill('SIGTERM')
      await start()
    },
    output,
  }
}

const lastLines = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-KEPT_LINES) : []

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
}
