import { isDeepStrictEqual } from 'node:util'
import type { SubscriptionSettings, SubscriptionUpdated } from '@jethook/contracts'
import { requireSequence } from './create-subscription.ts'
import { checkSettings } from './check-settings.ts'
import { requireProfile, requireSubscription, type Command, type Deployment, type TenantState } from './tenant-state.ts'

export interface UpdateSubscriptionCommand extends Command, Deployment {
  readonly subscriptionId: string
  readonly changes: Partial<SubscriptionSettings>
  /** The last one of EVENTS; must be given if it is to be ordered. */
  readonly eventSequence?: number | undefined
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
  const beginsOrder = changes.ordered === true && subscription.inOrderFrom === undefined
  return {
    type: 'SubscriptionUpdated',
    tenant,
    at,
    by,
    subscriptionId,
    changes,
    ...(enables && { enables }),
    ...(beginsOrder && { inOrderFrom: requireSequence(command.eventSequence) }),
  }
}

const differences = (wanted: Partial<SubscriptionSettings>, present: SubscriptionSettings) =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => !isDeepStrictEqual(value, present[name as keyof SubscriptionSettings]),
    ),
  ) as Partial<SubscriptionSettings>
