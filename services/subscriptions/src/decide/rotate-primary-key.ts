import { ProblemError, type ApiKeyCreated, type EncryptedSecret } from '@jethook/contracts'
import { requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface RotatePrimaryKeyCommand extends Command {
  readonly keyId: string
  readonly hash: string
  readonly hint: string
  readonly sealed: EncryptedSecret
}

/** A new key in place of the primary one, which opens nothing and signs nothing from then on. Throws `unknown_tenant`, `api_key_not_found`. */
export function rotatePrimaryKey(
  { tenant, at, by, keyId, hash, hint, sealed }: RotatePrimaryKeyCommand,
  state: TenantState,
): ApiKeyCreated {
  requireTenant(tenant, state)
  const former = state.primaryKey
  if (!former) {
    const remedy = `Create one: POST /v1/tenants/${tenant}/keys with "primary": true.`
    throw new ProblemError('api_key_not_found', `The account has no primary key. ${remedy}`)
  }
  const { name, role, id: replaces } = former
  return { type: 'ApiKeyCreated', tenant, at, by, keyId, name, role, hash, hint, primary: sealed, replaces }
}
