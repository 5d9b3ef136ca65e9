import { isIP } from 'node:net'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import { checkUrl } from './check-url.ts'
import { lookupInSystem, type Lookup } from './lookup.ts'
import { EgressRefusedError, type Refusal } from './refusal.ts'
import { resolvePermitted } from './resolve-permitted.ts'

export interface CheckOptions {
  readonly lookup?: Lookup
  /** How long to wait for the name server. */
  readonly timeoutMs?: number
}

/**
 * `checkUrl`, and the addresses behind a name as they are now: an early answer to whoever enters a URL, and no
 * promise, for the name may resolve otherwise later. A name that cannot be resolved now passes: its receiver may be
 * set up next.
 */
export async function checkDestination(
  url: string | URL,
  policy: EgressPolicy,
  { lookup = lookupInSystem, timeoutMs = 3_000 }: CheckOptions = {},
): Promise<Refusal | undefined> {
  const refusal = checkUrl(url, policy)
  if (refusal) return refusal
  const { hostname } = new URL(url)
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined
  const { promise: deadline, resolve: pass } = Promise.withResolvers<void>()
  const timer = setTimeout(pass, timeoutMs)
  try {
    await Promise.race([resolvePermitted(hostname, policy, lookup), deadline])
    return undefined
  } catch (error) {
    return error instanceof EgressRefusedError ? error.refusal : undefined
  } finally {
    clearTimeout(timer)
  }
}
