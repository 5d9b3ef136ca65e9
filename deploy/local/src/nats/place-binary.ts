import { chmodSync, copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Puts a fetched program into the cache in one step: two processes that fetch at the same time both end up with a whole one,
 * and one that is running keeps its file.
 */
export function placeBinary(fetched: string, cache: string): string {
  mkdirSync(cache, { recursive: true })
  const binary = join(cache, 'nats-server')
  const whole = `${binary}.${process.pid}`
  copyFileSync(fetched, whole)
  chmodSync(whole, 0o755)
  renameSync(whole, binary)
  return binary
}
