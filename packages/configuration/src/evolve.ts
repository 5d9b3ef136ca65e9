import type {
  ApiKeyCreated,
  ApiKeyRevoked,
  SubscriptionCreated,
  SubscriptionDeleted,
  SubscriptionSecretRotated,
  SubscriptionUpdated,
  TenantCreated,
} from '@jethook/contracts'
import type { ApiKey, Subscription, Tenant } from './model.ts'

/** Pure folds: what a thing is after an event. Undefined: it does not exist (any more). */

export function evolveTenant(_tenant: Tenant | undefined, event: TenantCreated): Tenant {
  return { id: event.tenant, name: event.name, profile: event.profile, createdAt: event.at }
}

export function evolveApiKey(key: ApiKey | undefined, event: ApiKeyCreated | ApiKeyRevoked): ApiKey | undefined {
  switch (event.type) {
    case 'ApiKeyCreated': {
      const { keyId: id, tenant, name, role, hash, hint, at } = event
      return { id, tenant, name, role, hash, hint, createdAt: at, revokedAt: null }
    }
    case 'ApiKeyRevoked':
      return key && { ...key, revokedAt: event.at }
  }
}

export type SubscriptionEvent =
  | SubscriptionCreated
  | SubscriptionUpdated
  | SubscriptionSecretRotated
  | SubscriptionDeleted

export function evolveSubscription(
  subscription: Subscription | undefined,
  event: SubscriptionEvent,
): Subscription | undefined {
  switch (event.type) {
    case 'SubscriptionCreated': {
      const { subscriptionId: id, tenant, settings, secret, at } = event
      return { id, tenant, ...settings, secret, createdAt: at, updatedAt: at }
    }
    case 'SubscriptionUpdated':
      return subscription && ({ ...subscription, ...event.changes, updatedAt: event.at } as Subscription)
    case 'SubscriptionSecretRotated':
      return subscription && { ...subscription, secret: event.secret, updatedAt: event.at }
    case 'SubscriptionDeleted':
      return undefined
  }
}
