import type { ConfigKind, DomainEvent } from '@jethook/contracts'
import { withoutSecrets } from '../credentials/show-credentials.ts'

/** A line of the audit log. */
export interface AuditEntry {
  readonly kind: ConfigKind
  /** Of what the change is about. */
  readonly subjectId: string
  /** Named one by one, so that a secret never gets here because somebody added a field. */
  readonly details: Readonly<Record<string, unknown>>
}

export function auditEntry(event: DomainEvent): AuditEntry {
  switch (event.type) {
    case 'TenantCreated':
      return { kind: 'tenant', subjectId: event.tenant, details: { name: event.name, profile: event.profile } }
    case 'TenantUpdated':
      return { kind: 'tenant', subjectId: event.tenant, details: { changes: event.changes } }
    case 'ProfileCreated':
    case 'ProfileUpdated':
      return { kind: 'profile', subjectId: event.name, details: { document: event.document } }
    case 'ApiKeyCreated': {
      const { name, role, hint, replaces } = event
      return { kind: 'key', subjectId: event.keyId, details: { name, role, hint, ...(replaces && { replaces }) } }
    }
    case 'ApiKeyRevoked':
      return { kind: 'key', subjectId: event.keyId, details: {} }
    case 'SubscriptionCreated':
      return {
        kind: 'subscription',
        subjectId: event.subscriptionId,
        details: { settings: withoutSecrets(event.settings) },
      }
    case 'SubscriptionUpdated':
      return {
        kind: 'subscription',
        subjectId: event.subscriptionId,
        details: { changes: withoutSecrets(event.changes) },
      }
    case 'SubscriptionDisabled': {
      const { reason, firstFailureAt, failures } = event
      return { kind: 'subscription', subjectId: event.subscriptionId, details: { reason, firstFailureAt, failures } }
    }
    case 'SecretLinkCreated':
      return {
        kind: 'subscription',
        subjectId: event.subscriptionId,
        details: { expiresAt: event.secretLink.expiresAt },
      }
    case 'SubscriptionEnabled':
    case 'SubscriptionPaused':
    case 'SubscriptionResumed':
    case 'SecretLinkUsed':
    case 'SubscriptionSecretRotated':
    case 'SubscriptionDeleted':
      return { kind: 'subscription', subjectId: event.subscriptionId, details: {} }
    case 'AppCreated': {
      const { name, scopes } = event
      return { kind: 'app', subjectId: event.appId, details: { name, scopes } }
    }
    case 'AppSecretRotated':
    case 'AppDeleted':
      return { kind: 'app', subjectId: event.appId, details: {} }
    case 'AppGranted': {
      const { userId, scopes } = event
      return { kind: 'app', subjectId: event.appId, details: { userId, scopes } }
    }
  }
}
