import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWhenGone } from '../processes/guard.ts'
import { isAlive } from '../processes/is-alive.ts'

/** Below the range from which the system takes ports for outgoing connections: nobody takes such a port while its server restarts. */
const LOWEST = 20_000
const HIGHEST = 31_999
const TRIES = 200

/**
 * A port of 127.0.0.1 on which nothing listens: the preferred one or the next after it, else any. It stays reserved for this process
 * until that ends, so two checkouts which start in the same moment never choose the same one.
 */
export async function freePort(preferred?: number): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = preferred === undefined ? anyPort() : preferred + attempt
    if (!reserve(port)) continue
    if (await nothingListens(port)) return port
    rmSync(reservation(port), { force: true })
  }
  throw new Error(`No free port among ${TRIES} tried${preferred === undefined ? '' : ` from ${preferred} on`}.`)
}

function anyPort(): number {
  return LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
}

function reservation(port: number): string {
  return join(tmpdir(), `jethook-port-${process.getuid?.() ?? 0}-${port}`)
}

function reserve(port: number): boolean {
  const file = reservation(port)
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch {
    if (isHeld(file)) return false
    rmSync(file, { force: true })
    return reserve(port)
  }
  removeWhenGone(file)
  return true
}

function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // Empty: another process has created the file and is about to write its pid.
    return pid === 0 || isAlive(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

function nothingListens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
