import { configSubject, type DomainEvent } from '@jethook/contracts'

/** Where a domain event is stored. */
export function subjectOf(event: DomainEvent): string {
  switch (event.type) {
    case 'TenantCreated':
    case 'TenantUpdated':
      return configSubject(event.tenant, 'tenant', event.tenant)
    case 'ProfileCreated':
    case 'ProfileUpdated':
      return configSubject(event.tenant, 'profile', event.name)
    case 'ApiKeyCreated':
    case 'ApiKeyRevoked':
      return configSubject(event.tenant, 'key', event.keyId)
    case 'SubscriptionCreated':
    case 'SubscriptionUpdated':
    case 'SubscriptionDisabled':
    case 'SubscriptionEnabled':
    case 'SubscriptionPaused':
    case 'SubscriptionResumed':
    case 'SubscriptionSecretRotated':
    case 'SubscriptionDeleted':
    case 'SecretLinkCreated':
    case 'SecretLinkUsed':
      return configSubject(event.tenant, 'subscription', event.subscriptionId)
    case 'AppCreated':
    case 'AppSecretRotated':
    case 'AppDeleted':
    case 'AppGranted':
      return configSubject(event.tenant, 'app', event.appId)
  }
}
