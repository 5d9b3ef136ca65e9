import { createHash, timingSafeEqual } from 'node:crypto'
import { ProblemError, type Role } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'
import type { Configuration } from './configuration.ts'

/** Who sends a request. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'key'; readonly tenant: string; readonly keyId: string; readonly role: Role }

export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex')

const keyHeaders = [
  ...new Set(['x-api-key', ...[...shippedProfiles.values()].map(({ apiKey }) => apiKey.header.toLowerCase())]),
]

type RequestHeaders = Record<string, string | string[] | undefined>

/** The caller, by the key in `X-API-Key` (or the header of a profile) or as a bearer token. Throws `invalid_api_key`. */
export function authenticate(configuration: Configuration, headers: RequestHeaders, operatorKey?: string): Caller {
  const presented = presentedKey(headers)
  if (!presented)
    throw new ProblemError('invalid_api_key', 'Send an API key in the header X-API-Key, or as Authorization: Bearer.')
  const hash = hashApiKey(presented)
  if (operatorKey && timingSafeEqual(Buffer.from(hash), Buffer.from(hashApiKey(operatorKey))))
    return { kind: 'operator' }
  const key = configuration.apiKeyByHash(hash)
  if (!key) throw new ProblemError('invalid_api_key', 'This API key is not known here.')
  if (key.revokedAt !== null) throw new ProblemError('invalid_api_key', 'This API key was revoked.')
  return { kind: 'key', tenant: key.tenant, keyId: key.id, role: key.role }
}

function presentedKey(headers: RequestHeaders): string | undefined {
  for (const name of keyHeaders) {
    const value = headers[name]
    if (typeof value === 'string' && value) return value
  }
  const authorization = headers['authorization']
  return typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined
}
