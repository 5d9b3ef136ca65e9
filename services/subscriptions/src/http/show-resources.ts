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
  const { id, url, events, description, active, retryScheduleMs, timeoutMs, createdAt, updatedAt } = subscription
  return {
    id,
    url,
    events,
    description,
    active,
    retryScheduleMs,
    timeoutMs,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  }
}

const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()
