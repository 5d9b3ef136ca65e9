import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOurs } from '../cache-folder.ts'
import type { User } from './postgres-binaries.ts'

/**
 * The folder itself when the user can work in it, else a stable one elsewhere that is always the same for this folder: root's
 * checkouts often lie where no other user may enter.
 */
export function reachableFolder(folder: string, user: User | undefined): string {
  mkdirSync(folder, { recursive: true })
  if (user === undefined || canEnter(folder, user)) return own(folder, user)
  const name = `data-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`
  const elsewhere = join(folderForOtherUsers(), name)
  mkdirSync(elsewhere, { recursive: true })
  return own(elsewhere, user)
}

/** Root's, and open to be entered by others. */
export function folderForOtherUsers(): string {
  const candidates = ['/var/lib/jethook', join(tmpdir(), 'jethook-root')]
  const folder = candidates.find(isOurs)
  if (folder === undefined) throw new Error(`Neither ${candidates.join(' nor ')} can be written.`)
  return folder
}

function canEnter(folder: string, user: User): boolean {
  own(folder, user)
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/' }).status === 0
}

function own(folder: string, user: User | undefined): string {
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  return folder
}
