import { hasExpired, type Configuration, type Subscription } from '@jethook/configuration'
import type { Outcome } from '@jethook/contracts'
import { catalogueEntry, testEventType } from '@jethook/profiles'
import type { EventContent } from './event-content.ts'
import { userOf } from './user-of.ts'

type CancelReason = Extract<Outcome, { type: 'cancelled' }>['reason']

/** Why an event does not go to a subscription that chose it, or not any more. Undefined: it goes there. */
export type WhyNot = (
  subscription: Subscription,
  eventType: string,
  event: EventContent,
  nowMs: number,
) => CancelReason | undefined

export function createWhyNot(configuration: Configuration): WhyNot {
  return (subscription, eventType, event, nowMs) => {
    const { appId } = subscription
    if (hasExpired(subscription, nowMs)) return 'subscription_expired'
    // A test is about nobody.
    if (!appId || eventType === testEventType) return undefined
    return isGranted(configuration, subscription.tenant, appId, eventType, event) ? undefined : 'not_granted'
  }
}

/** Whether the event's user lets the app have events of this type; where no scope is asked for, whether anything at all. */
function isGranted(
  configuration: Configuration,
  tenant: string,
  appId: string,
  eventType: string,
  event: EventContent,
): boolean {
  const profile = configuration.profileOf(tenant)
  const user = userOf(event, profile?.userPointer ?? null)
  if (!profile || user === undefined) return false
  const granted = configuration.grantedScopes(tenant, appId, user)
  const scope = catalogueEntry(profile, eventType)?.scope
  return scope === undefined ? granted.size > 0 : granted.has(scope)
}
