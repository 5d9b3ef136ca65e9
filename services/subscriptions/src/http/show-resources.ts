import type { ApiKey, Configuration, Subscription, Tenant } from '@jethook/configuration'
import {
  sharedOwner,
  type ApiKeyResource,
  type ProfileResource,
  type SubscriptionResource,
  type TenantResource,
} from '@jethook/contracts'
import { showAuthentication, showClientCertificate } from '../credentials/show-credentials.ts'

/** Field by field, so that nothing secret gets out by being added to a model. */

export function showTenant({ id, name, profile, contactEmail, createdAt }: Tenant): TenantResource {
  return { id, name, profile, contactEmail, createdAt: isoTime(createdAt) }
}

/** Undefined when the name means nothing to this owner: a tenant, or `sharedOwner`. */
export function showProfile(configuration: Configuration, owner: string, name: string): ProfileResource | undefined {
  const stored = configuration.profiles(owner).get(name) ?? configuration.profiles(sharedOwner).get(name)
  const document = configuration.profileNamed(owner, name)
  if (!document) return undefined
  if (!stored) return { name, origin: 'shipped', document, createdAt: null, updatedAt: null }
  return {
    name,
    origin: stored.owner === sharedOwner ? 'shared' : 'own',
    document,
    createdAt: isoTime(stored.createdAt),
    updatedAt: isoTime(stored.updatedAt),
  }
}

export function showApiKey(
  { id, name, role, hint, createdAt, revokedAt }: ApiKey,
  primaryKeyId: string | undefined,
): ApiKeyResource {
  return {
    id,
    name,
    role,
    hint,
    primary: id === primaryKeyId,
    createdAt: isoTime(createdAt),
    revokedAt: revokedAt === null ? null : isoTime(revokedAt),
  }
}

export function showSubscription(subscription: Subscription): SubscriptionResource {
  const { name = null, customHeaders = {}, expiresAt = null, alsoSignAs = [], publicKey = null } = subscription
  const { authentication, clientCertificate } = subscription
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
    alsoSignAs,
    publicKey,
    authentication: authentication ? showAuthentication(authentication) : null,
    clientCertificate: clientCertificate ? showClientCertificate(clientCertificate) : null,
    ...showState(subscription),
    createdAt: isoTime(subscription.createdAt),
    updatedAt: isoTime(subscription.updatedAt),
  }
}

type State = Pick<
  SubscriptionResource,
  'status' | 'disabledReason' | 'disabledAt' | 'firstFailureAt' | 'consecutiveFailures'
>

function showState({ active, paused, disabled }: Subscription): State {
  return {
    status: disabled ? 'disabled' : !active ? 'inactive' : paused ? 'paused' : 'active',
    disabledReason: disabled?.reason ?? null,
    disabledAt: disabled ? isoTime(disabled.at) : null,
    firstFailureAt: disabled?.firstFailureAt ? isoTime(disabled.firstFailureAt) : null,
    consecutiveFailures: disabled?.failures ?? 0,
  }
}

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()
