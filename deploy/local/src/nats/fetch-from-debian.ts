import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWhenGone } from '../processes/guard.ts'
import { runCommand } from '../processes/run-command.ts'
import { parseDebianSources, sidLine } from './debian-sources.ts'
import type { Progress } from './find-binary.ts'
import { placeBinary } from './place-binary.ts'

/**
 * Debian's unstable package, unpacked into the cache. apt works on a private state in a temporary folder, so nothing is installed and
 * the system's own lists stay as they are; no rights are needed. It checks the package against Debian's signature.
 */
export async function fetchFromDebian(cache: string, progress: Progress): Promise<string | undefined> {
  const lines = [...new Set(machineSources().flatMap(parseDebianSources).map(sidLine))]
  if (lines.length === 0) return undefined

  progress('fetching nats-server from Debian’s package mirror')
  const folder = mkdtempSync(join(tmpdir(), 'jethook-apt-'))
  removeWhenGone(folder)
  try {
    for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true })
    writeFileSync(join(folder, 'sid.list'), `${lines.join('\n')}\n`)
    const options = privateState(folder)
    await runCommand('apt-get', [...options, 'update'], { cwd: folder })
    await runCommand('apt-get', [...options, 'download', 'nats-server'], { cwd: folder })
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new Error('apt-get downloaded no package')
    await runCommand('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: folder })
    const binary = ['usr/sbin/nats-server', 'usr/bin/nats-server'].find((path) =>
      existsSync(join(folder, 'unpacked', path)),
    )
    if (binary === undefined) throw new Error(`${archive} holds no nats-server`)
    return placeBinary(join(folder, 'unpacked', binary), cache)
  } catch (error) {
    throw new Error(`Debian's package (${error instanceof Error ? error.message : String(error)})`, { cause: error })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function privateState(folder: string): string[] {
  return [
    `Dir::State::Lists=${folder}/lists`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${folder}/cache`,
    `Dir::Etc::SourceList=${folder}/sid.list`,
    'Dir::Etc::SourceParts=/dev/null',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option])
}

function machineSources(): { name: string; text: string }[] {
  const parts = '/etc/apt/sources.list.d'
  const files = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []
  return [...files, '/etc/apt/sources.list']
    .filter((name) => /\.(list|sources)$/.test(name) && existsSync(name))
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }))
}
