import type { Configuration, SecretBox, Subscription } from '@jethook/configuration'
import type { RetryPolicy } from '@jethook/contracts'
import { compileProfile, shippedProfiles, type CompiledProfile } from '@jethook/profiles'
import type { Destination } from '../attempt/send-request.ts'

/** All about a subscription that an attempt needs, worked out once per change of it. */
export interface PreparedSubscription {
  readonly subscription: Subscription
  readonly destination: Destination
  readonly profile: CompiledProfile
  readonly secret: string
  readonly retry: RetryPolicy
  readonly timeoutMs: number
  readonly concurrency: number
}

export type PrepareSubscription = (subscription: Subscription) => PreparedSubscription

/** Throws when the tenant's profile or the secret's encryption key is missing: this process is not set up right. */
export function createPrepareSubscription(configuration: Configuration, secrets: SecretBox): PrepareSubscription {
  const compiledByName = new Map<string, CompiledProfile>()
  // A subscription is replaced, never changed, when something about it changes.
  const prepared = new WeakMap<Subscription, PreparedSubscription>()

  const compiled = (tenant: string): CompiledProfile => {
    const name = configuration.tenant(tenant)?.profile ?? ''
    const known = compiledByName.get(name)
    if (known) return known
    const profile = shippedProfiles.get(name)
    if (!profile)
      throw new Error(`The tenant ${tenant} has the profile "${name}", which this dispatcher does not know.`)
    const fresh = compileProfile(profile)
    compiledByName.set(name, fresh)
    return fresh
  }

  return (subscription) => {
    let ready = prepared.get(subscription)
    if (!ready) {
      ready = prepareSubscription(subscription, compiled(subscription.tenant), secrets)
      prepared.set(subscription, ready)
    }
    return ready
  }
}

function prepareSubscription(
  subscription: Subscription,
  profile: CompiledProfile,
  secrets: SecretBox,
): PreparedSubscription {
  const url = new URL(subscription.url)
  const { retry, timeoutMs, concurrency } = profile.profile
  return {
    subscription,
    destination: { origin: url.origin, path: `${url.pathname}${url.search}` },
    profile,
    secret: secrets.decrypt(subscription.secret, `${subscription.tenant}/${subscription.id}`),
    retry: subscription.retryScheduleMs ? { ...retry, delaysMs: subscription.retryScheduleMs } : retry,
    timeoutMs: subscription.timeoutMs ?? timeoutMs,
    concurrency: subscription.concurrency ?? concurrency,
  }
}
