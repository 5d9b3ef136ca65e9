import { createHash, timingSafeEqual } from 'node:crypto'
import { ProblemError, type Role } from '@jethook/contracts'
import type { Configuration } from './configuration.ts'
import type { ApiKey } from './model.ts'

/** Who sends a request. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'key'; readonly tenant: string; readonly keyId: string; readonly role: Role }

export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex')

type RequestHeaders = Record<string, string | string[] | undefined>

/**
 * The caller, by the key in `X-API-Key` (or the header of a profile) or as a bearer token. `header`: the one that
 * belongs to the API called. Throws `invalid_api_key`.
 */
export function authenticate(
  configuration: Configuration,
  headers: RequestHeaders,
  operatorKey?: string,
  header = 'X-API-Key',
): Caller {
  const presented = presentedKeys(headers, configuration.keyHeaders)
  if (presented.length === 0)
    throw new ProblemError('invalid_api_key', `Send an API key in the header ${header}, or as Authorization: Bearer.`)
  let revoked: ApiKey | undefined
  for (const key of presented) {
    const hash = hashApiKey(key)
    if (operatorKey && timingSafeEqual(Buffer.from(hash), Buffer.from(hashApiKey(operatorKey))))
      return { kind: 'operator' }
    const known = configuration.apiKeyByHash(hash)
    if (known?.revokedAt === null) return { kind: 'key', tenant: known.tenant, keyId: known.id, role: known.role }
    revoked ??= known
  }
  if (revoked) throw new ProblemError('invalid_api_key', 'This API key was revoked.')
  throw new ProblemError('invalid_api_key', 'This API key is not known here.')
}

/**
 * Everything that may be a key: tenants name headers in their profiles, and what one of them calls a key may be an
 * ordinary header of everybody else's requests. There may be as many such names as tenants: those that were sent are
 * looked up among them, not the other way round.
 */
function presentedKeys(headers: RequestHeaders, keyHeaders: ReadonlySet<string>): string[] {
  const authorization = headers['authorization']
  const bearer = typeof authorization === 'string' ? /^(?:Bearer|ApiKey) +(\S+)$/i.exec(authorization)?.[1] : undefined
  const named = Object.keys(headers).filter((name) => keyHeaders.has(name))
  const candidates = [headers['x-api-key'], bearer, ...named.map((name) => headers[name])]
  return [...new Set(candidates.filter((value) => typeof value === 'string' && value !== ''))] as string[]
}
