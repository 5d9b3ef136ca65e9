import type { SpawnOptions } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnGuarded } from './guard.ts'
import { stopChild } from './stop-process.ts'

const READY_WITHIN_MS = 30_000

export interface ServerProgram {
  /** How messages call it: `nats-server`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly options?: SpawnOptions
  /** Its output; written anew at each start, so that it stays small. */
  readonly logFile: string
  readonly stopSignal: NodeJS.Signals
  /** Asked again and again until it says yes. */
  readonly isReady: () => Promise<boolean>
  /** Called when it ends without having been stopped or killed through us. */
  readonly onUnexpectedExit?: ((description: string) => void) | undefined
}

export interface LaunchedServer {
  readonly pid: number
  readonly hasEnded: boolean
  stop(): Promise<void>
  /** SIGKILL: the way a power cut looks to everybody else. */
  kill(): Promise<void>
}

export class ServerDidNotStart extends Error {
  readonly portTaken: boolean

  constructor(name: string, reason: string, log: string) {
    super(`${name} did not start: ${reason}${log === '' ? '' : `\n${log}`}`)
    this.name = 'ServerDidNotStart'
    this.portTaken = /address already in use/i.test(log)
  }
}

/** Starts a server program and waits until it is ready for work; if it never is, nothing of it is left running. */
export async function launchServer(program: ServerProgram): Promise<LaunchedServer> {
  const output = openSync(program.logFile, 'w')
  const child = spawnGuarded(program.command, program.args, {
    ...program.options,
    stdio: ['ignore', output, output],
    stopSignal: program.stopSignal,
  })
  closeSync(output)

  let ended: string | undefined
  let ready = false
  let expected = false
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code, signal) => {
    ended = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`
    if (ready && !expected) program.onUnexpectedExit?.(`${program.name}: ${ended}`)
  })

  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await program.isReady())) {
    if (ended === undefined && Date.now() > deadline) {
      await stopChild(child, 'SIGKILL')
      ended = `it was not ready within ${READY_WITHIN_MS / 1000} s`
    }
    if (ended !== undefined) throw new ServerDidNotStart(program.name, ended, lastLines(program.logFile))
    await delay(15)
  }
  ready = true

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    expected = true
    await stopChild(child, signal)
  }
  return {
    pid: child.pid ?? 0,
    get hasEnded() {
      return ended !== undefined
    },
    stop: () => end(program.stopSignal),
    kill: () => end('SIGKILL'),
  }
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
}
