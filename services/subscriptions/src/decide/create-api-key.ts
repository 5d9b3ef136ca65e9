import type { ApiKeyCreated, EncryptedSecret, Role } from '@jethook/contracts'
import { requireProfile, type Command, type TenantState } from './tenant-state.ts'

export interface CreateApiKeyCommand extends Command {
  readonly keyId: string
  readonly name: string
  readonly role: Role
  /** SHA-256 of the key, hex. The key itself is known to nobody but its owner. */
  readonly hash: string
  readonly hint: string
  /** Whether to sign with it; undefined: if something has to and there is no other. */
  readonly primary?: boolean | undefined
  /** The key itself, kept only if it is signed with. */
  readonly sealed: EncryptedSecret
}

/** Throws `unknown_tenant`, `unknown_profile`. */
export function createApiKey(command: CreateApiKeyCommand, state: TenantState): ApiKeyCreated {
  const { tenant, at, by, keyId, name, role, hash, hint, sealed } = command
  const isPrimary = command.primary ?? isNeeded(command, state)
  return { type: 'ApiKeyCreated', tenant, at, by, keyId, name, role, hash, hint, ...(isPrimary && { primary: sealed }) }
}

function isNeeded({ tenant, role }: CreateApiKeyCommand, state: TenantState): boolean {
  const { signatures } = requireProfile(tenant, state)
  const mayBe = role === 'owner' || role === 'admin'
  return mayBe && !state.primaryKey && signatures.some(({ key }) => key === 'account')
}
