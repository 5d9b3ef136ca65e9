import type { TenantUpdated } from '@jethook/contracts'
import { requireKnownProfile, requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface UpdateTenantCommand extends Command {
  readonly changes: TenantUpdated['changes']
}

/** Nothing when nothing would be different. Throws `unknown_tenant`, `unknown_profile`. */
export function updateTenant(command: UpdateTenantCommand, state: TenantState): TenantUpdated | undefined {
  const { tenant: id, at, by } = command
  const tenant = requireTenant(id, state)
  const { profile } = command.changes
  if (profile !== undefined) requireKnownProfile(profile, state)
  const changes = Object.fromEntries(
    Object.entries(command.changes).filter(
      ([name, value]) => value !== undefined && value !== tenant[name as keyof TenantUpdated['changes']],
    ),
  )
  return Object.keys(changes).length === 0 ? undefined : { type: 'TenantUpdated', tenant: id, at, by, changes }
}
