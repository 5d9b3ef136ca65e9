import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWhenGone } from '../processes/guard.ts'
import { runCommand } from '../processes/run-command.ts'
import { parseDebianSources, sourceLine } from './debian-sources.ts'

export interface DebianPackages {
  readonly names: readonly string[]
  /** Such as `sid`; the machine's own unless given. */
  readonly suite?: string
  /** Called with the folder in which all of them are unpacked, which is gone afterwards. */
  readonly use: (folder: string) => string
}

/**
 * Fetches packages from the Debian mirror that this machine's apt uses. apt works on a private state in a temporary folder, so
 * nothing is installed and the system's own lists stay as they are; no rights are needed. It checks the packages against Debian's
 * signature. Undefined when this is no Debian.
 */
export async function unpackDebianPackages({ names, suite, use }: DebianPackages): Promise<string | undefined> {
  const wanted = suite ?? ownSuite()
  const lines = [
    ...new Set(
      machineSources()
        .flatMap(parseDebianSources)
        .map((source) => sourceLine(source, wanted)),
    ),
  ]
  if (lines.length === 0) return undefined

  const folder = mkdtempSync(join(tmpdir(), 'jethook-apt-'))
  removeWhenGone(folder)
  try {
    for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true })
    writeFileSync(join(folder, 'sources.list'), `${lines.join('\n')}\n`)
    const options = privateState(folder)
    await runCommand('apt-get', [...options, 'update'], { cwd: folder })
    await runCommand('apt-get', [...options, 'download', ...names], { cwd: folder })
    const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'))
    if (archives.length < names.length) throw new Error('apt-get did not download every package')
    for (const archive of archives) await runCommand('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: folder })
    return use(join(folder, 'unpacked'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function privateState(folder: string): string[] {
  return [
    `Dir::State::Lists=${folder}/lists`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${folder}/cache`,
    `Dir::Etc::SourceList=${folder}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option])
}

function ownSuite(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'stable'
}

function machineSources(): { name: string; text: string }[] {
  const parts = '/etc/apt/sources.list.d'
  const files = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []
  return [...files, '/etc/apt/sources.list']
    .filter((name) => /\.(list|sources)$/.test(name) && existsSync(name))
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }))
}
