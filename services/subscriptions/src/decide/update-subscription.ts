import { isDeepStrictEqual } from 'node:util'
import type { SubscriptionSettings, SubscriptionUpdated } from '@jethook/contracts'
import { checkSettings } from './check-settings.ts'
import { requireProfile, requireSubscription, type Command, type Deployment, type TenantState } from './tenant-state.ts'

export interface UpdateSubscriptionCommand extends Command, Deployment {
  readonly subscriptionId: string
  readonly changes: Partial<SubscriptionSettings>
}

/** Nothing when nothing would be different. Throws `unknown_tenant`, `subscription_not_found`, and what `checkSettings` throws. */
export function updateSubscription(
  command: UpdateSubscriptionCommand,
  state: TenantState,
): SubscriptionUpdated | undefined {
  const { tenant, at, by, subscriptionId, retentionMs } = command
  const profile = requireProfile(tenant, state)
  const subscription = requireSubscription(subscriptionId, state)
  // What stays as it is need not be allowed any more: whoever sends back all that they got can still change a name.
  const wanted = differences(command.changes, subscription)
  const changes = differences(checkSettings(wanted, { profile, state, subscriptionId, at, retentionMs }), subscription)
  if (Object.keys(changes).length === 0) return undefined
  const enables = subscription.disabled && changes.active === true
  return { type: 'SubscriptionUpdated', tenant, at, by, subscriptionId, changes, ...(enables && { enables }) }
}

const differences = (wanted: Partial<SubscriptionSettings>, present: SubscriptionSettings) =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => !isDeepStrictEqual(value, present[name as keyof SubscriptionSettings]),
    ),
  ) as Partial<SubscriptionSettings>
