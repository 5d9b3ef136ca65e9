import type { SubscriptionEnabled, SubscriptionUpdated } from '@jethook/contracts'
import { requireSubscription, requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface EnableSubscriptionCommand extends Command {
  readonly subscriptionId: string
}

/** Nothing when it is active. Throws `unknown_tenant`, `subscription_not_found`. */
export function enableSubscription(
  command: EnableSubscriptionCommand,
  state: TenantState,
): SubscriptionEnabled | SubscriptionUpdated | undefined {
  requireTenant(command.tenant, state)
  const { active, disabled } = requireSubscription(command.subscriptionId, state)
  if (disabled) return { type: 'SubscriptionEnabled', ...command }
  return active ? undefined : { type: 'SubscriptionUpdated', ...command, changes: { active: true } }
}

/** After a successful test: nothing unless it is disabled, and that and its URL are from before the test. */
export function enableAfterTest(
  { testedAt, ...command }: EnableSubscriptionCommand & { readonly testedAt: number },
  { subscriptions }: TenantState,
): SubscriptionEnabled | undefined {
  const subscription = subscriptions.get(command.subscriptionId)
  if (!subscription?.disabled || testedAt < Math.max(subscription.disabled.at, subscription.activeSince))
    return undefined
  return { type: 'SubscriptionEnabled', ...command }
}
