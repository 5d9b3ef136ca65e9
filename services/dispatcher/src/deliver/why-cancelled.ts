import type { Subscription } from '@jethook/configuration'
import type { CalendarEntry, Outcome } from '@jethook/contracts'

/** Why a delivery is not made any more, as things are with its subscription now. */
export function whyCancelled(
  subscription: Subscription,
  entry: CalendarEntry,
): Extract<Outcome, { type: 'cancelled' }>['reason'] | undefined {
  if (subscription.active || isWantedAnyway(entry)) return undefined
  return subscription.disabled ? 'subscription_disabled' : 'subscription_inactive'
}

/** What somebody asked for by hand goes to subscriptions that are paused or not active, too. */
export const isWantedAnyway = ({ trigger, test }: CalendarEntry): boolean => trigger === 'replay' || test === true
