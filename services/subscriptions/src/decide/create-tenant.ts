import { ProblemError, type TenantCreated } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'
import type { Command, TenantState } from './tenant-state.ts'

export interface CreateTenantCommand extends Command {
  readonly name: string
  readonly profile: string
}

/** Throws `tenant_exists`, `unknown_profile`. */
export function createTenant(
  { tenant, at, by, name, profile }: CreateTenantCommand,
  state: TenantState,
): TenantCreated {
  if (state.tenant) throw new ProblemError('tenant_exists', `The tenant ${tenant} exists already.`)
  if (!shippedProfiles.has(profile)) {
    const known = [...shippedProfiles.keys()].join(', ')
    throw new ProblemError('unknown_profile', `There is no profile "${profile}". Known are: ${known}.`, {
      errors: [{ field: 'profile', message: `must be one of: ${known}` }],
    })
  }
  return { type: 'TenantCreated', tenant, at, by, name, profile }
}
