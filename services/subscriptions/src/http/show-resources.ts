import { hasExpired, type ApiKey, type Configuration, type Subscription, type Tenant } from '@jethook/configuration'
import type { Streak } from '../endpoint-health/streak.ts'
import {
  sharedOwner,
  type ApiKeyResource,
  type ProfileResource,
  type SubscriptionResource,
  type SubscriptionStatus,
  type TenantResource,
} from '@jethook/contracts'
import { showHeaders } from '../credentials/custom-headers.ts'
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

/** `streak`: its failures since its last success, as far as this process has heard. */
export function showSubscription(subscription: Subscription, streak?: Streak): SubscriptionResource {
  const { name = null, expiresAt = null, alsoSignAs = [], publicKey = null } = subscription
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
    customHeaders: showHeaders(subscription),
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    alsoSignAs,
    publicKey,
    authentication: authentication ? showAuthentication(authentication) : null,
    clientCertificate: clientCertificate ? showClientCertificate(clientCertificate) : null,
    ...showState(subscription, streak),
    createdAt: isoTime(subscription.createdAt),
    updatedAt: isoTime(subscription.updatedAt),
  }
}

type State = Pick<
  SubscriptionResource,
  'status' | 'disabledReason' | 'disabledAt' | 'firstFailureAt' | 'consecutiveFailures'
>

function showState(subscription: Subscription, streak: Streak | undefined): State {
  const { active, disabled, activeSince } = subscription
  const isCurrent = active && streak !== undefined && streak.firstFailureAt >= activeSince
  const { firstFailureAt, failures } = disabled ?? (isCurrent ? streak : { firstFailureAt: null, failures: 0 })
  return {
    status: statusOf(subscription),
    disabledReason: disabled?.reason ?? null,
    disabledAt: disabled ? isoTime(disabled.at) : null,
    firstFailureAt: firstFailureAt === null ? null : isoTime(firstFailureAt),
    consecutiveFailures: failures,
  }
}

function statusOf(subscription: Subscription): SubscriptionStatus {
  const { active, paused, disabled } = subscription
  if (disabled) return 'disabled'
  if (!active) return 'inactive'
  if (hasExpired(subscription, Date.now())) return 'expired'
  return paused ? 'paused' : 'active'
}

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()
