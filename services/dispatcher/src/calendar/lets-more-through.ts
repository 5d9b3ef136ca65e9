import type { DomainEvent, SubscriptionEnabled, SubscriptionResumed, SubscriptionUpdated } from '@jethook/contracts'

/** Whether what waits in the calendar for a subscription may come sooner after this change. */
export function letsMoreThrough(
  event: DomainEvent,
): event is SubscriptionEnabled | SubscriptionResumed | SubscriptionUpdated {
  if (event.type === 'SubscriptionResumed' || event.type === 'SubscriptionEnabled') return true
  if (event.type !== 'SubscriptionUpdated') return false
  const { rateLimit, concurrency, circuitBreaker, url, active } = event.changes
  return [rateLimit, concurrency, circuitBreaker, url, active].some((change) => change !== undefined)
}

/** Whether what was learnt of the subscription's endpoint no longer holds: it is another one, or somebody says it is back. */
export function isAnotherEndpoint(event: SubscriptionEnabled | SubscriptionResumed | SubscriptionUpdated): boolean {
  if (event.type !== 'SubscriptionUpdated') return event.type === 'SubscriptionEnabled'
  return event.changes.url !== undefined || event.changes.active === true
}
