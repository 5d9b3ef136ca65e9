import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { unpackDebianPackages } from '../debian/unpack-packages.ts'
import type { Progress } from './find-binary.ts'
import { placeBinary } from './place-binary.ts'

const places = ['usr/sbin/nats-server', 'usr/bin/nats-server']

/** Debian's unstable package, which alone is new enough, unpacked into the cache. */
export async function fetchFromDebian(cache: string, progress: Progress): Promise<string | undefined> {
  if (!existsSync('/etc/debian_version')) return undefined
  progress('fetching nats-server from Debian’s package mirror')
  const place = (folder: string): string => {
    const binary = places.map((path) => join(folder, path)).find((path) => existsSync(path))
    if (binary === undefined) throw new Error('the package holds no nats-server')
    return placeBinary(binary, cache)
  }
  try {
    return await unpackDebianPackages({ names: ['nats-server'], suite: 'sid', use: place })
  } catch (error) {
    throw new Error(`Debian's package (${error instanceof Error ? error.message : String(error)})`, { cause: error })
  }
}
