import { spawnSync } from 'node:child_process'

/** Message scheduling, which holds every delivery that cannot go now, came with this one. */
export const NEEDED_VERSION = '2.12'

export type BinaryCheck =
  | { readonly status: 'usable'; readonly version: string }
  | { readonly status: 'too-old'; readonly version: string }
  | { readonly status: 'unusable'; readonly reason: string }

/** Runs `<binary> --version`, which prints `nats-server: v2.15.1`. */
export function checkBinary(binary: string): BinaryCheck {
  const run = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 10_000 })
  if (run.error !== undefined) return { status: 'unusable', reason: run.error.message }
  const version = parseVersion(run.stdout)
  if (version === undefined) return { status: 'unusable', reason: 'it does not tell a version' }
  return { status: isNewEnough(version) ? 'usable' : 'too-old', version }
}

export function parseVersion(output: string): string | undefined {
  return /v?(\d+\.\d+\.\d+\S*)/.exec(output)?.[1]
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = NEEDED_VERSION.split('.').map(Number)
  return major > neededMajor || (major === neededMajor && minor >= neededMinor)
}
