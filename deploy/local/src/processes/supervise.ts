import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { spawnGuarded } from './guard.ts'
import { stopChild } from './stop-process.ts'

const FIRST_RESTART_AFTER_MS = 500
const RESTART_AFTER_AT_MOST_MS = 10_000
/** Having run this long, it starts again without a history. */
const STEADY_AFTER_MS = 30_000
/** EX_CONFIG of sysexits.h: what it was told to do cannot be done, so trying again is no use. */
const BAD_SETTINGS = 78

export interface SupervisedProgram {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Each time it was started. */
  readonly onStart?: (pid: number) => void
  /** Each line that it prints. */
  readonly onLine: (line: string) => void
  /** What happened to it, for the person at the terminal. */
  readonly say: (message: string) => void
  readonly graceMs?: number
}

export interface Supervised {
  /** Why it ended for good, if it did. */
  readonly gaveUp: string | undefined
  stop(): Promise<void>
}

/** Keeps a program running: when it ends by itself it is started again, a little later each time. */
export function supervise(program: SupervisedProgram): Supervised {
  const { name, say } = program
  let child: ChildProcess
  let restart: NodeJS.Timeout | undefined
  let restartAfterMs = FIRST_RESTART_AFTER_MS
  let stopping = false
  let gaveUp: string | undefined

  const start = (): void => {
    const startedAt = Date.now()
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    child = spawnGuarded(program.command, program.args, { env: program.env, stdio: [...stdio] })
    if (child.pid !== undefined) program.onStart?.(child.pid)
    for (const input of [child.stdout, child.stderr]) {
      if (input !== null) createInterface({ input }).on('line', program.onLine)
    }
    // Node reports a program that could not be started this way, without an exit.
    child.once('error', (error) => ended(`could not be started: ${error.message}`, startedAt))
    child.once('exit', (code, signal) => {
      if (code === BAD_SETTINGS) gaveUp = `${name} refused its settings`
      ended(signal === null ? `exited with code ${code}` : `was ended by ${signal}`, startedAt)
    })
  }
  const ended = (how: string, startedAt: number): void => {
    if (stopping || gaveUp !== undefined) return
    if (Date.now() - startedAt > STEADY_AFTER_MS) restartAfterMs = FIRST_RESTART_AFTER_MS
    say(`${name} ${how}; starting it again in ${restartAfterMs / 1_000} s`)
    restart = setTimeout(start, restartAfterMs)
    restartAfterMs = Math.min(restartAfterMs * 2, RESTART_AFTER_AT_MOST_MS)
  }

  start()
  return {
    get gaveUp() {
      return gaveUp
    },
    stop: async () => {
      stopping = true
      clearTimeout(restart)
      await stopChild(child, 'SIGTERM', program.graceMs)
    },
  }
}
