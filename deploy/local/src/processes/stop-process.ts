import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { commandOf, isAlive } from './is-alive.ts'

const GRACE_MS = 5_000

/** Asks, waits, and after a grace insists. Resolves when the child is gone. */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs: number = GRACE_MS,
): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const insist = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await exited
  clearTimeout(insist)
}

/** Stops what an earlier run left behind, if the pid still is that program. Returns whether there was something to stop. */
export async function stopLeftover(pid: number, command: RegExp, signal: NodeJS.Signals): Promise<boolean> {
  if (!isAlive(pid) || !command.test(commandOf(pid))) return false
  process.kill(pid, signal)
  const deadline = Date.now() + GRACE_MS
  while (isAlive(pid)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL')
    await delay(25)
  }
  return true
}
