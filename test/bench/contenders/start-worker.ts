import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { spawnGuarded, stopChild } from '@jethook/local'

/** Runs a program of this folder that says `ready` over IPC. Rejects when it ends before it does. */
export async function startWorker(name: string, args: readonly string[]): Promise<ChildProcess & { pid: number }> {
  const program = fileURLToPath(new URL(name, import.meta.url))
  const child = spawnGuarded(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve())
      child.once('exit', () => reject(new Error(`${name} ended instead of getting ready.`)))
      setTimeout(() => reject(new Error(`${name} did not get ready.`)), 20_000).unref()
    })
  } catch (error) {
    await stopChild(child, 'SIGKILL')
    throw error
  }
  return child as ChildProcess & { pid: number }
}
