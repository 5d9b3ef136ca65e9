import type {
  ApiKeyCreated,
  ApiKeyRevoked,
  AppCreated,
  AppDeleted,
  AppSecretRotated,
  ProfileCreated,
  ProfileUpdated,
  SecretLink,
  SecretLinkCreated,
  SecretLinkUsed,
  SubscriptionCreated,
  SubscriptionDeleted,
  SubscriptionDisabled,
  SubscriptionEnabled,
  SubscriptionPaused,
  SubscriptionResumed,
  SubscriptionSecretRotated,
  SubscriptionUpdated,
  TenantCreated,
  TenantUpdated,
} from '@jethook/contracts'
import type { ApiKey, App, StoredProfile, Subscription, Tenant } from './model.ts'

/** Pure folds: what a thing is after an event. Undefined: it does not exist (any more). */

export function evolveTenant(tenant: Tenant | undefined, event: TenantCreated | TenantUpdated): Tenant | undefined {
  switch (event.type) {
    case 'TenantCreated':
      return {
        id: event.tenant,
        name: event.name,
        profile: event.profile,
        contactEmail: event.contactEmail ?? null,
        createdAt: event.at,
      }
    case 'TenantUpdated':
      return tenant && ({ ...tenant, ...event.changes } as Tenant)
  }
}

export function evolveProfile(
  profile: StoredProfile | undefined,
  { tenant: owner, name, document, at }: ProfileCreated | ProfileUpdated,
): StoredProfile {
  return { name, owner, document, createdAt: profile?.createdAt ?? at, updatedAt: at }
}

export function evolveApiKey(key: ApiKey | undefined, event: ApiKeyCreated | ApiKeyRevoked): ApiKey | undefined {
  switch (event.type) {
    case 'ApiKeyCreated': {
      const { keyId: id, tenant, name, role, hash, hint, primary, at } = event
      return { id, tenant, name, role, hash, hint, createdAt: at, revokedAt: null, ...(primary && { primary }) }
    }
    case 'ApiKeyRevoked':
      return key && { ...key, revokedAt: event.at }
  }
}

export type SubscriptionEvent =
  | SubscriptionCreated
  | SubscriptionUpdated
  | SubscriptionDisabled
  | SubscriptionEnabled
  | SubscriptionPaused
  | SubscriptionResumed
  | SubscriptionSecretRotated
  | SubscriptionDeleted
  | SecretLinkCreated
  | SecretLinkUsed

export function evolveSubscription(
  subscription: Subscription | undefined,
  event: SubscriptionEvent,
): Subscription | undefined {
  switch (event.type) {
    case 'SubscriptionCreated': {
      const { subscriptionId: id, tenant, settings, secret, publicKey, secretLink, inOrderFrom, at } = event
      const times = { activeSince: at, createdAt: at, updatedAt: at }
      return { id, tenant, ...settings, secret, publicKey, ...openLink(secretLink), inOrderFrom, ...times }
    }
    case 'SubscriptionUpdated':
      return subscription && update(subscription, event)
    case 'SubscriptionDisabled': {
      const { reason, at, firstFailureAt, failures } = event
      const disabled = { reason, at, firstFailureAt, failures }
      return subscription && { ...subscription, active: false, disabled, updatedAt: at }
    }
    case 'SubscriptionEnabled':
      return subscription && activate(subscription, event.at)
    case 'SubscriptionPaused':
    case 'SubscriptionResumed': {
      const paused = event.type === 'SubscriptionPaused'
      return subscription && { ...subscription, paused, updatedAt: event.at }
    }
    case 'SubscriptionSecretRotated':
      return (
        subscription && {
          ...rotate(subscription, event),
          publicKey: event.publicKey,
          ...openLink(event.secretLink),
        }
      )
    case 'SecretLinkCreated':
      return subscription && { ...subscription, ...openLink(event.secretLink) }
    case 'SecretLinkUsed':
      return subscription && useLink(subscription, event)
    case 'SubscriptionDeleted':
      return undefined
  }
}

function update(subscription: Subscription, { changes, inOrderFrom, at }: SubscriptionUpdated): Subscription {
  const from = subscription.inOrderFrom ?? inOrderFrom
  const updated = { ...subscription, ...changes, inOrderFrom: from, updatedAt: at } as Subscription
  if (changes.active === true) return activate(updated, at)
  return updated.url === subscription.url ? updated : { ...updated, activeSince: at }
}

const activate = (subscription: Subscription, at: number): Subscription => ({
  ...subscription,
  active: true,
  disabled: undefined,
  activeSince: at,
  updatedAt: at,
})

const openLink = (link: SecretLink | undefined): Pick<Subscription, 'secretLink'> =>
  link ? { secretLink: { ...link, usedAt: null } } : {}

function useLink(subscription: Subscription, { tokenHash, at }: SecretLinkUsed): Subscription {
  const { secretLink } = subscription
  if (secretLink?.tokenHash !== tokenHash) return subscription
  return { ...subscription, secretLink: { ...secretLink, usedAt: at } }
}

export type AppEvent = AppCreated | AppSecretRotated | AppDeleted

export function evolveApp(app: App | undefined, event: AppEvent): App | undefined {
  switch (event.type) {
    case 'AppCreated': {
      const { appId: id, tenant, name, secret, scopes, at } = event
      return { id, tenant, name, secret, scopes, createdAt: at, updatedAt: at }
    }
    case 'AppSecretRotated':
      return app && rotate(app, event)
    case 'AppDeleted':
      return undefined
  }
}

/** The new secret, and the one before it until its time is over. */
function rotate<T extends Subscription | App>(
  owner: T,
  { secret, previousUntil, at }: SubscriptionSecretRotated | AppSecretRotated,
): T {
  const previousSecret = previousUntil === undefined ? undefined : { secret: owner.secret, until: previousUntil }
  return { ...owner, secret, previousSecret, updatedAt: at }
}
