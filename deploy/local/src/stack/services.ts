import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../ports/free-port.ts'
import { supervise, type Supervised } from '../processes/supervise.ts'
import { stopLeftover } from '../processes/stop-process.ts'
import type { DataFolder, Ports } from './data-folder.ts'
import type { Life } from './life.ts'
import { readable } from './log-line.ts'
import { nodeArguments } from './node-arguments.ts'

const READY_WITHIN_MS = 60_000
/** Ours drain in less; only one that hangs is killed. */
const GRACE_MS = 5_000
const PIDS = 'services.json'
const root = join(import.meta.dirname, '../../../..')

/** Each with the port it has when nobody else wants that one. */
const SERVICES = { subscriptions: 4_000, ingest: 4_001, dispatcher: 4_002 } as const
type ServiceName = keyof typeof SERVICES
export type ServiceUrls = Record<ServiceName, string>

/** Our three services, each a process of its own, kept running. Resolves when all are ready. */
export async function startServices(
  env: NodeJS.ProcessEnv,
  { ports, life, folder }: { ports: Ports; life: Life; folder: DataFolder },
): Promise<{ urls: ServiceUrls; ports: Required<Pick<Ports, ServiceName>> }> {
  await stopLeftovers(folder)
  const pids: Partial<Record<ServiceName, number>> = {}
  const chosen = { subscriptions: 0, ingest: 0, dispatcher: 0 }
  const urls = { subscriptions: '', ingest: '', dispatcher: '' }
  const starting: Promise<void>[] = []
  for (const name of Object.keys(SERVICES) as ServiceName[]) {
    const port = await freePort(ports[name] ?? SERVICES[name])
    chosen[name] = port
    urls[name] = `http://127.0.0.1:${port}`
    const service = supervise({
      name,
      command: process.execPath,
      args: [...nodeArguments[name], join(root, 'services', name, 'src/main.ts')],
      env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
      onStart: (pid) => {
        pids[name] = pid
        folder.write(PIDS, pids)
      },
      onLine: (line) => life.say(readable(name, line)),
      say: life.say,
      graceMs: GRACE_MS,
    })
    life.onStop('services', () => service.stop())
    starting.push(untilReady(name, urls[name], service))
  }
  await Promise.all(starting)
  return { urls, ports: chosen }
}

/** When everything was killed at once, the guard as well, our services may still run and take work from the new ones. */
async function stopLeftovers(folder: DataFolder): Promise<void> {
  const pids = (folder.read(PIDS) ?? {}) as Partial<Record<ServiceName, number>>
  await Promise.all(
    Object.entries(pids).map(([name, pid]) => stopLeftover(pid, new RegExp(`services/${name}/src/main.ts`), 'SIGTERM')),
  )
}

async function untilReady(name: ServiceName, url: string, service: Supervised): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await isReady(url))) {
    if (service.gaveUp !== undefined) throw new Error(`${service.gaveUp}, see above.`)
    if (Date.now() > deadline) {
      throw new Error(`${name} was not ready within ${READY_WITHIN_MS / 1_000} s: ${url}/readyz may say why.`)
    }
    await delay(50)
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}
