import { ProblemError, type ApiKeyRevoked } from '@jethook/contracts'
import { requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface RevokeApiKeyCommand extends Command {
  readonly keyId: string
}

/** Nothing when it was revoked before. Throws `unknown_tenant`, `api_key_not_found`. */
export function revokeApiKey(
  { tenant, at, by, keyId }: RevokeApiKeyCommand,
  state: TenantState,
): ApiKeyRevoked | undefined {
  requireTenant(tenant, state)
  const key = state.apiKeys.get(keyId)
  if (!key) throw new ProblemError('api_key_not_found', `The tenant ${tenant} has no API key ${keyId}.`)
  return key.revokedAt === null ? { type: 'ApiKeyRevoked', tenant, at, by, keyId } : undefined
}
