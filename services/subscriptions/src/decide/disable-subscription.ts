import type { DisabledReason, SubscriptionDisabled } from '@jethook/contracts'
import type { Command, TenantState } from './tenant-state.ts'

export interface DisableSubscriptionCommand extends Command {
  readonly subscriptionId: string
  readonly reason: DisabledReason
  /** The first of the failures since the last success, milliseconds since the epoch. */
  readonly firstFailureAt: number | null
  readonly failures: number
  /** When the attempt began that is the reason, or the first one failed where many are. */
  readonly attemptedAt: number
}

/** Nothing when it is not active any more, or was made active or got its URL after what is the reason. */
export function disableSubscription(
  { attemptedAt, ...command }: DisableSubscriptionCommand,
  { subscriptions }: TenantState,
): SubscriptionDisabled | undefined {
  const subscription = subscriptions.get(command.subscriptionId)
  if (!subscription?.active || attemptedAt < subscription.activeSince) return undefined
  return { type: 'SubscriptionDisabled', ...command }
}
