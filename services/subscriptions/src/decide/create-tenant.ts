import { ProblemError, type TenantCreated } from '@jethook/contracts'
import { requireKnownProfile, type Command, type TenantState } from './tenant-state.ts'

export interface CreateTenantCommand extends Command {
  readonly name: string
  readonly profile: string
  readonly contactEmail?: string | null
}

/** Throws `tenant_exists`, `unknown_profile`. */
export function createTenant(
  { tenant, at, by, name, profile, contactEmail }: CreateTenantCommand,
  state: TenantState,
): TenantCreated {
  if (state.tenant) throw new ProblemError('tenant_exists', `The tenant ${tenant} exists already.`)
  requireKnownProfile(profile, state)
  return { type: 'TenantCreated', tenant, at, by, name, profile, ...(contactEmail && { contactEmail }) }
}
