import type { DomainEvent, SubscriptionResumed, SubscriptionUpdated } from '@jethook/contracts'

/** Whether what waits in the calendar for a subscription may come sooner after this change. */
export function letsMoreThrough(event: DomainEvent): event is SubscriptionResumed | SubscriptionUpdated {
  if (event.type === 'SubscriptionResumed') return true
  if (event.type !== 'SubscriptionUpdated') return false
  const { rateLimit, concurrency, circuitBreaker, url } = event.changes
  return [rateLimit, concurrency, circuitBreaker, url].some((change) => change !== undefined)
}
