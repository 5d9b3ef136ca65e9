import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../processes/run-command.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'

const MAJOR_VERSION = '18'
export const DATABASE = 'jethook'

/** Makes the data folder with an empty database in it, in one step: an interrupted first start leaves nothing half-made. */
export async function createCluster(folder: string, binaries: PostgresBinaries): Promise<string> {
  const data = join(folder, 'data')
  if (existsSync(data)) {
    checkVersion(data)
    return data
  }
  const { initdb, postgres, user } = binaries
  const partial = mkdtempSync(join(folder, 'data.new-'))
  if (user !== undefined) chownSync(partial, user.uid, user.gid)
  const as = { ...user, cwd: '/', env: { ...process.env, LC_ALL: 'C' } }
  try {
    const options = ['-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C']
    await runCommand(initdb, ['-D', partial, ...options], as)
    const input = `CREATE DATABASE ${DATABASE}\n`
    await runCommand(postgres, ['--single', '-D', partial, 'postgres'], { ...as, input })
    renameSync(partial, data)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return data
}

function checkVersion(data: string): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (version === MAJOR_VERSION) return
  throw new Error(
    `${data} was written by Postgres ${version}, this one is ${MAJOR_VERSION}: move it away, everything in it is rebuilt from the streams.`,
  )
}
