import { fileURLToPath } from 'node:url'
import { spawnGuarded, stopChild } from '@jethook/local'
import { collectSeldom } from '../measure/collect-seldom.ts'
import type { Behaviour, Conduct, Received, ReceiverCommand, ReceiverReport } from './messages.ts'

/** As many endpoints with an address of their own, so that connections are pooled as they would be in life. */
const addresses = 20

export interface BeginOptions extends Partial<Conduct> {
  readonly run: number
  readonly events: number
  readonly fanOut?: number
  /** Keep every arrival for the report. */
  readonly record?: boolean
}

export interface BenchReceiver {
  readonly pid: number
  /** The base URL of one of its addresses; any number will do. */
  origin(index: number): string
  /** The URL of an endpoint, at one of its addresses: as they come, unless one is named. */
  url(endpoint: number, behaviour?: Behaviour, address?: number): string
  begin(options: BeginOptions): Promise<void>
  /** What becomes of those who come to a `gated` endpoint; it is open at first. */
  setGate(open: boolean): void
  /** Resolves when so many different deliveries have come; rejects when they do not in time. */
  received(count: number, timeoutMs: number): Promise<void>
  report(): Promise<Received>
  stop(): Promise<void>
}

export async function startReceiver(): Promise<BenchReceiver> {
  const program = fileURLToPath(new URL('./receiver-process.ts', import.meta.url))
  const child = spawnGuarded(process.execPath, [...collectSeldom, program, String(addresses)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const next = <T extends ReceiverReport['type']>(type: T): Promise<Extract<ReceiverReport, { type: T }>> =>
    new Promise((resolve, reject) => {
      const onMessage = (message: unknown): void => {
        const report = message as ReceiverReport
        if (report.type !== type) return
        child.off('message', onMessage)
        child.off('exit', onExit)
        resolve(report as Extract<ReceiverReport, { type: T }>)
      }
      const onExit = (): void => reject(new Error('The receiver ended.'))
      child.on('message', onMessage)
      child.once('exit', onExit)
    })
  const tell = (command: ReceiverCommand): void => void child.send(command)
  const ask = async (): Promise<Received> => {
    const answer = next('report')
    tell({ type: 'report' })
    return answer
  }

  const { ports } = await next('listening')
  const origin = (index: number): string => `http://127.0.0.1:${ports[index % ports.length]}`
  return {
    pid: child.pid ?? 0,
    origin,
    url: (endpoint, behaviour = 'ok', address = endpoint) => `${origin(address)}/${behaviour}/${endpoint}`,
    async begin({ run, events, fanOut = 1, record = false, lateMs = 0, failedShare = 0 }) {
      tell({ type: 'begin', run, fanOut, expected: events * fanOut, record, lateMs, failedShare })
      await ask()
    },
    setGate: (open) => tell({ type: 'gate', open }),
    async received(count, timeoutMs) {
      const reached = next('reached')
      tell({ type: 'await', count })
      let timer: NodeJS.Timeout | undefined
      const tooLong = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`No ${count} deliveries came within ${timeoutMs} ms.`)), timeoutMs)
      })
      try {
        await Promise.race([reached, tooLong])
      } catch (error) {
        const { received, duplicates, strays } = await ask()
        throw new Error(`Only ${received} of ${count} deliveries came (${duplicates} duplicates, ${strays} strays).`, {
          cause: error,
        })
      } finally {
        clearTimeout(timer)
      }
    },
    report: ask,
    stop: () => stopChild(child, 'SIGTERM'),
  }
}
