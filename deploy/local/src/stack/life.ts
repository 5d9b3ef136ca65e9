import { guardedChildren } from '../processes/guard.ts'
import { stopChild } from '../processes/stop-process.ts'

/** In this order they are stopped: first who works, then what they work on, then who watches. */
const STOP_ORDER = ['services', 'servers', 'demo'] as const

/** The life of the whole stack: one way to speak, one way to stop, whether asked to or failing, also while starting. */
export interface Life {
  readonly isStopping: boolean
  readonly say: (message: string) => void
  readonly fail: (error: unknown) => void
  onStop(stage: (typeof STOP_ORDER)[number], stop: () => Promise<void>): void
}

/** From here on a signal, the end of the parent or an error nobody expected stops everything and ends this process. */
export function beginLife(say: (message: string) => void): Life {
  const stops = { services: [], servers: [], demo: [] } as Record<(typeof STOP_ORDER)[number], (() => Promise<void>)[]>
  let isStopping = false

  const stop = async (code: number): Promise<void> => {
    if (isStopping) return
    isStopping = true
    for (const stage of STOP_ORDER) await Promise.allSettled(stops[stage].map((one) => one()))
    // What was just being started has not registered yet.
    await Promise.all(guardedChildren().map((child) => stopChild(child, 'SIGTERM', 2_000)))
    if (code === 0) say('Stopped.')
    process.exit(code)
  }
  const fail = (error: unknown): void => {
    if (isStopping) return
    say(error instanceof Error ? error.message : String(error))
    void stop(1)
  }
  const asked = (): void => {
    if (!isStopping) say('Stopping …')
    void stop(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked)
  // run.mjs is gone.
  process.on('disconnect', asked)
  process.on('uncaughtException', (error) => {
    if (!isStopping) console.error(error)
    void stop(1)
  })
  // Nobody reads any more, for example after the terminal was closed: that is no reason to leave things running.
  process.stdout.on('error', asked)
  return {
    get isStopping() {
      return isStopping
    },
    say,
    fail,
    onStop: (stage, one) => stops[stage].push(one),
  }
}
