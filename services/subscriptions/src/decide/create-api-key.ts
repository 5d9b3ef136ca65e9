import type { ApiKeyCreated, Role } from '@jethook/contracts'
import { requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface CreateApiKeyCommand extends Command {
  readonly keyId: string
  readonly name: string
  readonly role: Role
  /** SHA-256 of the key, hex. The key itself is known to nobody but its owner. */
  readonly hash: string
  readonly hint: string
}

/** Throws `unknown_tenant`. */
export function createApiKey(command: CreateApiKeyCommand, state: TenantState): ApiKeyCreated {
  requireTenant(command.tenant, state)
  const { tenant, at, by, keyId, name, role, hash, hint } = command
  return { type: 'ApiKeyCreated', tenant, at, by, keyId, name, role, hash, hint }
}
