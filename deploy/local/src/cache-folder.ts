import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where downloaded programs are kept for this user, shared by all checkouts. */
export function cacheFolder(): string {
  const preferred =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Caches', 'jethook')
      : join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'jethook')
  // Users such as nobody have no home that they may write to.
  const fallback = join(tmpdir(), `jethook-cache-${process.getuid?.() ?? 0}`)
  for (const folder of [preferred, fallback]) if (isOurs(folder)) return folder
  throw new Error(`Neither ${preferred} nor ${fallback} can be written: set XDG_CACHE_HOME to a folder that can.`)
}

/** Programs are run from there, so a folder that another user made beforehand is not taken. */
export function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    accessSync(folder, constants.W_OK)
    return statSync(folder).uid === process.getuid?.()
  } catch {
    return false
  }
}
