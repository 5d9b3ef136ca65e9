import type { SubscriptionDeleted } from '@jethook/contracts'
import { requireSubscription, requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface DeleteSubscriptionCommand extends Command {
  readonly subscriptionId: string
}

/** Throws `unknown_tenant`, `subscription_not_found`. */
export function deleteSubscription(
  { tenant, at, by, subscriptionId }: DeleteSubscriptionCommand,
  state: TenantState,
): SubscriptionDeleted {
  requireTenant(tenant, state)
  requireSubscription(subscriptionId, state)
  return { type: 'SubscriptionDeleted', tenant, at, by, subscriptionId }
}
