import type { ApiKey, App, Configuration, SecretBox, Subscription } from '@jethook/configuration'
import type { Profile } from '@jethook/contracts'
import { compileProfile, createRenderer, type CompiledProfile, type RenderRequest } from '@jethook/profiles'
import type { Destination } from '../attempt/send-request.ts'
import type { RetrySchedule } from '../attempt/retry-schedule.ts'
import type { LaneRules } from '../lanes/lane-rules.ts'
import { openCredentials, type Credentials } from './open-credentials.ts'
import { openSecrets } from './open-secrets.ts'

/** All about a subscription that an attempt needs, worked out once per change of it or of what it depends on. */
export interface PreparedSubscription {
  readonly subscription: Subscription
  readonly destination: Destination
  readonly credentials: Credentials
  readonly profile: CompiledProfile
  readonly render: RenderRequest
  readonly retry: RetrySchedule
  readonly timeoutMs: number
  readonly rules: LaneRules
}

export type PrepareSubscription = (subscription: Subscription) => PreparedSubscription

/** What else than the subscription itself a preparation is made from. */
export interface Ingredients {
  readonly profile: Profile
  readonly alsoSignAs: readonly Profile[]
  readonly primaryKey: ApiKey | undefined
  readonly app: App | undefined
}

/** Throws when the tenant's profile, a key to sign with or its encryption key is missing: something is not set up right. */
export function createPrepareSubscription(configuration: Configuration, secrets: SecretBox): PrepareSubscription {
  // What is folded is replaced, never changed: the same objects mean that nothing is different.
  const prepared = new WeakMap<Subscription, { readonly from: Ingredients; readonly ready: PreparedSubscription }>()
  return (subscription) => {
    const from = ingredientsOf(configuration, subscription)
    const known = prepared.get(subscription)
    if (known && isSame(known.from, from)) return known.ready
    const ready = prepareSubscription(subscription, from, secrets)
    prepared.set(subscription, { from, ready })
    return ready
  }
}

const none: readonly Profile[] = []

function ingredientsOf(configuration: Configuration, { tenant, appId, alsoSignAs }: Subscription): Ingredients {
  const requireProfile = (name: string): Profile => {
    const profile = configuration.profileNamed(tenant, name)
    if (profile) return profile
    throw new Error(`The tenant ${tenant} has the profile "${name}", which this dispatcher does not know.`)
  }
  return {
    profile: requireProfile(configuration.tenant(tenant)?.profile ?? ''),
    alsoSignAs: alsoSignAs?.map(requireProfile) ?? none,
    primaryKey: configuration.primaryKey(tenant),
    app: appId ? configuration.app(tenant, appId) : undefined,
  }
}

function isSame(a: Ingredients, b: Ingredients): boolean {
  return (
    a.profile === b.profile &&
    a.primaryKey === b.primaryKey &&
    a.app === b.app &&
    a.alsoSignAs.length === b.alsoSignAs.length &&
    a.alsoSignAs.every((profile, index) => profile === b.alsoSignAs[index])
  )
}

function prepareSubscription(subscription: Subscription, from: Ingredients, secrets: SecretBox): PreparedSubscription {
  const url = new URL(subscription.url)
  const { retry, timeoutMs, concurrency, rateLimit, circuitBreaker } = from.profile
  const profile = compileProfile(from.profile)
  const credentials = openCredentials(subscription, secrets)
  return {
    subscription,
    destination: { origin: url.origin, path: `${url.pathname}${url.search}` },
    credentials,
    profile,
    render: createRenderer({
      profile,
      alsoSignAs: from.alsoSignAs.map(compileProfile),
      secrets: openSecrets(subscription, from, secrets),
      customHeaders: credentials.customHeaders,
    }),
    retry: subscription.retryScheduleMs ? { ...retry, delaysMs: subscription.retryScheduleMs } : retry,
    timeoutMs: subscription.timeoutMs ?? timeoutMs,
    rules: {
      concurrency: subscription.concurrency ?? concurrency,
      rateLimit: subscription.rateLimit ?? rateLimit,
      circuitBreaker: subscription.circuitBreaker ?? circuitBreaker,
      exclusive: subscription.inOrderFrom !== undefined,
    },
  }
}
