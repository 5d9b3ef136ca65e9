import type { ApiKey, Subscription, Tenant } from '@jethook/configuration'
import type { ApiKeyResource, SubscriptionResource, TenantResource } from '@jethook/contracts'

/** Field by field, so that nothing secret gets out by being added to a model. */

export function showTenant({ id, name, profile, createdAt }: Tenant): TenantResource {
  return { id, name, profile, createdAt: isoTime(createdAt) }
}

export function showApiKey({ id, name, role, hint, createdAt, revokedAt }: ApiKey): ApiKeyResource {
  return {
    id,
    name,
    role,
    hint,
    createdAt: isoTime(createdAt),
    revokedAt: revokedAt === null ? null : isoTime(revokedAt),
  }
}

export function showSubscription(subscription: Subscription): SubscriptionResource {
  const { name = null, customHeaders = {}, expiresAt = null } = subscription
  return {
    id: subscription.id,
    url: subscription.url,
    events: subscription.events,
    description: subscription.description,
    active: subscription.active,
    retryScheduleMs: subscription.retryScheduleMs,
    timeoutMs: subscription.timeoutMs,
    concurrency: subscription.concurrency,
    rateLimit: subscription.rateLimit,
    circuitBreaker: subscription.circuitBreaker,
    ordered: subscription.ordered,
    orderingKey: subscription.orderingKey,
    whenStuck: subscription.whenStuck,
    name,
    customHeaders,
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    createdAt: isoTime(subscription.createdAt),
    updatedAt: isoTime(subscription.updatedAt),
  }
}

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()
