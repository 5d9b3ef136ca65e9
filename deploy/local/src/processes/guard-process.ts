import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { GuardMessage } from './guard.ts'
import { isAlive } from './is-alive.ts'

/** The program behind `guard.ts`: it lives as long as its standard input and cleans up when that ends. */
const GRACE_MS = 6_000

const processes = new Map<number, NodeJS.Signals>()
const paths = new Set<string>()

for await (const line of createInterface({ input: process.stdin })) note(JSON.parse(line) as GuardMessage)
await stopAll()
for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 3 })

function note(message: GuardMessage): void {
  switch (message.do) {
    case 'stop':
      processes.set(message.pid, message.signal)
      break
    case 'forget':
      processes.delete(message.pid)
      break
    case 'remove':
      paths.add(message.path)
      break
    case 'keep':
      paths.delete(message.path)
      break
  }
}

async function stopAll(): Promise<void> {
  for (const [pid, signal] of processes) send(pid, signal)
  const deadline = Date.now() + GRACE_MS
  while (Date.now() < deadline && [...processes.keys()].some(isAlive)) await delay(50)
  // A child leads its own process group, so this reaches what it started as well.
  for (const pid of processes.keys()) send(-pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Already gone.
  }
}
