import type { SubscriptionPaused, SubscriptionResumed } from '@jethook/contracts'
import { requireSubscription, requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface PauseSubscriptionCommand extends Command {
  readonly subscriptionId: string
}

/** Nothing when it is paused. Throws `unknown_tenant`, `subscription_not_found`. */
export function pauseSubscription(
  command: PauseSubscriptionCommand,
  state: TenantState,
): SubscriptionPaused | undefined {
  return isPaused(command, state) ? undefined : { type: 'SubscriptionPaused', ...command }
}

/** Nothing when it is not paused. Throws `unknown_tenant`, `subscription_not_found`. */
export function resumeSubscription(
  command: PauseSubscriptionCommand,
  state: TenantState,
): SubscriptionResumed | undefined {
  return isPaused(command, state) ? { type: 'SubscriptionResumed', ...command } : undefined
}

function isPaused({ tenant, subscriptionId }: PauseSubscriptionCommand, state: TenantState): boolean {
  requireTenant(tenant, state)
  return requireSubscription(subscriptionId, state).paused === true
}
