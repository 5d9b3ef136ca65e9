import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../processes/run-command.ts'
import type { Progress } from './find-binary.ts'
import { placeBinary } from './place-binary.ts'

const VERSION = '2.14.5'
const SHA256: Record<string, string> = {
  'linux-amd64': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
  'linux-arm64': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
}
const CONNECT_WITHIN_MS = 8_000
const DOWNLOAD_WITHIN_MS = 120_000

/** The project's own release, checked against the sum pinned here. Only for Linux: elsewhere a package manager has it. */
export async function fetchRelease(cache: string, progress: Progress): Promise<string | undefined> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const expected = SHA256[platform]
  if (expected === undefined) return undefined

  const name = `nats-server-v${VERSION}-${platform}`
  const url = `https://github.com/nats-io/nats-server/releases/download/v${VERSION}/${name}.tar.gz`
  progress(`fetching nats-server ${VERSION} from its release page`)
  const archive = await download(url)
  const actual = createHash('sha256').update(archive).digest('hex')
  if (actual !== expected) throw new Error(`${url} has the sha256 ${actual}, expected ${expected}`)

  const folder = mkdtempSync(join(tmpdir(), 'jethook-nats-'))
  try {
    writeFileSync(join(folder, 'archive.tar.gz'), archive)
    await runCommand('tar', ['-xzf', 'archive.tar.gz'], { cwd: folder })
    return placeBinary(join(folder, name, 'nats-server'), cache)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function download(url: string): Promise<Buffer> {
  const connecting = new AbortController()
  const tooSlow = setTimeout(() => connecting.abort(new Error('no answer')), CONNECT_WITHIN_MS)
  try {
    const signal = AbortSignal.any([connecting.signal, AbortSignal.timeout(DOWNLOAD_WITHIN_MS)])
    const response = await fetch(url, { signal })
    clearTimeout(tooSlow)
    if (!response.ok) throw new Error(`status ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  } catch (error) {
    throw new Error(`${url} could not be fetched (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    })
  } finally {
    clearTimeout(tooSlow)
  }
}
