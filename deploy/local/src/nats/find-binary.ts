import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cacheFolder } from '../cache-folder.ts'
import { NEEDED_VERSION, checkBinary } from './binary-version.ts'
import { fetchFromDebian } from './fetch-from-debian.ts'
import { fetchRelease } from './fetch-release.ts'

export type Progress = (message: string) => void

/** A way to get the program: its path, or undefined when this machine does not offer that way. Throws when the way failed. */
export type NatsSource = (targetFolder: string, progress: Progress) => Promise<string | undefined>

export interface FindBinaryOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cache?: string
  /** Where package managers put it, also looked at when the PATH lacks them. */
  readonly usualFolders?: readonly string[]
  readonly sources?: readonly NatsSource[]
  readonly progress?: Progress
}

const USUAL_FOLDERS = ['/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin']
const SOURCES = [fetchRelease, fetchFromDebian]

/** The nats-server to run: the one asked for, one that is installed, the one fetched earlier, or one fetched now. */
export async function findNatsServer(options: FindBinaryOptions = {}): Promise<string> {
  const { env = process.env, progress = () => {}, usualFolders = USUAL_FOLDERS, sources = SOURCES } = options
  const chosen = env['NATS_SERVER_BIN']
  if (chosen !== undefined && chosen !== '') return mustBeUsable(chosen)

  const cache = options.cache ?? cacheFolder()
  for (const binary of [...installedBinaries(env, usualFolders), join(cache, 'nats-server')]) {
    if (!existsSync(binary)) continue
    const check = checkBinary(binary)
    if (check.status === 'usable') return binary
    const reason = check.status === 'too-old' ? `is ${check.version}` : `cannot be used (${check.reason})`
    progress(`${binary} ${reason}; ${NEEDED_VERSION} or newer is needed, looking further`)
  }

  const failures: string[] = []
  for (const source of sources) {
    try {
      const binary = await source(cache, progress)
      if (binary !== undefined && checkBinary(binary).status === 'usable') return binary
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(howToInstall(failures))
}

function mustBeUsable(binary: string): string {
  const check = checkBinary(binary)
  if (check.status === 'usable') return binary
  const reason = check.status === 'too-old' ? `is nats-server ${check.version}` : `cannot be used: ${check.reason}`
  throw new Error(
    `NATS_SERVER_BIN=${binary} ${reason}. Jethook needs ${NEEDED_VERSION} or newer: point NATS_SERVER_BIN to one, or unset it.`,
  )
}

function installedBinaries(env: NodeJS.ProcessEnv, usualFolders: readonly string[]): string[] {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...new Set([...onPath, ...usualFolders])].map((folder) => join(folder, 'nats-server'))
}

function howToInstall(failures: readonly string[]): string {
  const command = process.platform === 'darwin' ? 'brew install nats-server' : 'https://nats.io/download'
  return [
    `No nats-server ${NEEDED_VERSION} or newer was found. Install one (${command}) so that it is on the PATH,`,
    'or set NATS_SERVER_BIN to one, or NATS_URL to a running server with JetStream.',
    ...failures.map((failure) => `\n  tried: ${failure}`),
  ].join(' ')
}
