import { sharedOwner, type ApiKeyCreated, type DomainEvent, type Profile } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'
import { evolveApiKey, evolveApp, evolveProfile, evolveSubscription, evolveTenant } from './evolve.ts'
import { rememberChoice } from './former-choices.ts'
import type { ApiKey, App, StoredProfile, Subscription, Tenant } from './model.ts'
import { SubscriptionIndex } from './subscription-index.ts'

/**
 * The folded CONFIG stream, as every service holds it in memory. The folds are pure and per thing; only the maps
 * that hold the things change in place, so that one more subscription costs the same among ten as among 100,000.
 */
export class Configuration {
  readonly #tenants = new Map<string, TenantView>()
  readonly #keysByHash = new Map<string, ApiKey>()
  readonly #keyHeaders = new Set<string>([...shippedProfiles.values()].map(({ apiKey }) => apiKey.header.toLowerCase()))
  /** Whose secret a link shows, by the hash of its token; links that have ended are still known. */
  readonly #secretLinks = new Map<string, { readonly tenant: string; readonly subscriptionId: string }>()
  #sequence = 0

  /** The sequence of the last domain event folded in. */
  get sequence(): number {
    return this.#sequence
  }

  /** The last sequence of one tenant: what a new decision about it expects. 0 when there is none. */
  sequenceOf(tenant: string): number {
    return this.#tenants.get(tenant)?.sequence ?? 0
  }

  tenants(): Tenant[] {
    return [...this.#tenants.values()].flatMap(({ tenant }) => tenant ?? [])
  }

  tenant(id: string): Tenant | undefined {
    return this.#tenants.get(id)?.tenant
  }

  /** The profile of a tenant. Another object whenever its document was changed. */
  profileOf(tenant: string): Profile | undefined {
    const name = this.#tenants.get(tenant)?.tenant?.profile
    return name === undefined ? undefined : this.profileNamed(tenant, name)
  }

  /** What a name means to a tenant: its own profile, else the shared one, else the shipped one. */
  profileNamed(tenant: string, name: string): Profile | undefined {
    const stored = this.#tenants.get(tenant)?.profiles.get(name) ?? this.#tenants.get(sharedOwner)?.profiles.get(name)
    return stored?.document ?? shippedProfiles.get(name)
  }

  /** The names that mean something to a tenant. */
  profileNames(tenant: string): string[] {
    const stored = [...this.profiles(tenant).keys(), ...this.profiles(sharedOwner).keys()]
    return [...new Set([...shippedProfiles.keys(), ...stored])]
  }

  /** The profiles written by a tenant, or with `sharedOwner` those of the operator. */
  profiles(owner: string): ReadonlyMap<string, StoredProfile> {
    return this.#tenants.get(owner)?.profiles ?? new Map<string, StoredProfile>()
  }

  /** Every header in which some profile has its API keys, in lower case. */
  get keyHeaders(): ReadonlySet<string> {
    return this.#keyHeaders
  }

  apiKeyByHash(hash: string): ApiKey | undefined {
    return this.#keysByHash.get(hash)
  }

  apiKeys(tenant: string): ReadonlyMap<string, ApiKey> {
    return this.#tenants.get(tenant)?.keys ?? new Map<string, ApiKey>()
  }

  /** The key of the account with which profiles may sign: the latest that was made primary, unless it was revoked. */
  primaryKey(tenant: string): ApiKey | undefined {
    const view = this.#tenants.get(tenant)
    const key = view?.keys.get(view.primaryKeyId)
    return key?.revokedAt === null ? key : undefined
  }

  subscription(tenant: string, id: string): Subscription | undefined {
    return this.#tenants.get(tenant)?.subscriptions.get(id)
  }

  /** The subscription for whose secret a link was made, by the hash of the link's token. */
  subscriptionOfSecretLink(tokenHash: string): Subscription | undefined {
    const link = this.#secretLinks.get(tokenHash)
    return link && this.subscription(link.tenant, link.subscriptionId)
  }

  /** In the order of their creation. */
  subscriptions(tenant: string): ReadonlyMap<string, Subscription> {
    return this.#tenants.get(tenant)?.subscriptions ?? new Map<string, Subscription>()
  }

  /** The active subscriptions that chose an event type. */
  matching(tenant: string, eventType: string): Iterable<Subscription> {
    return this.#tenants.get(tenant)?.index.matching(eventType) ?? []
  }

  app(tenant: string, id: string): App | undefined {
    return this.#tenants.get(tenant)?.apps.get(id)
  }

  apps(tenant: string): ReadonlyMap<string, App> {
    return this.#tenants.get(tenant)?.apps ?? new Map<string, App>()
  }

  /** What a user lets an app have. */
  grantedScopes(tenant: string, appId: string, userId: string): ReadonlySet<string> {
    return this.#tenants.get(tenant)?.grants.get(appId)?.get(userId) ?? new Set<string>()
  }

  apply(event: DomainEvent, sequence: number): void {
    const view = this.#view(event.tenant)
    view.sequence = sequence
    this.#sequence = sequence
    switch (event.type) {
      case 'TenantCreated':
      case 'TenantUpdated':
        view.tenant = evolveTenant(view.tenant, event)
        return
      case 'ProfileCreated':
      case 'ProfileUpdated':
        view.profiles.set(event.name, evolveProfile(view.profiles.get(event.name), event))
        this.#keyHeaders.add(event.document.apiKey.header.toLowerCase())
        return
      case 'ApiKeyCreated':
      case 'ApiKeyRevoked': {
        const key = evolveApiKey(view.keys.get(event.keyId), event)
        if (!key) return
        view.keys.set(key.id, key)
        this.#keysByHash.set(key.hash, key)
        if (event.type === 'ApiKeyRevoked') return
        if (event.primary) view.primaryKeyId = key.id
        this.#revokeReplaced(view, event)
        return
      }
      case 'SubscriptionCreated':
      case 'SubscriptionUpdated':
      case 'SubscriptionDisabled':
      case 'SubscriptionEnabled':
      case 'SubscriptionPaused':
      case 'SubscriptionResumed':
      case 'SubscriptionSecretRotated':
      case 'SubscriptionDeleted':
      case 'SecretLinkCreated':
      case 'SecretLinkUsed': {
        const before = view.subscriptions.get(event.subscriptionId)
        const after = rememberChoice(before, evolveSubscription(before, event), sequence)
        if (after) view.subscriptions.set(after.id, after)
        else view.subscriptions.delete(event.subscriptionId)
        view.index.replace(before, after)
        if (after?.secretLink) this.#secretLinks.set(after.secretLink.tokenHash, linkTo(after))
        return
      }
      case 'AppCreated':
      case 'AppSecretRotated':
      case 'AppDeleted': {
        const app = evolveApp(view.apps.get(event.appId), event)
        if (app) view.apps.set(app.id, app)
        else view.apps.delete(event.appId)
        if (!app) view.grants.delete(event.appId)
        return
      }
      case 'AppGranted':
        if (view.apps.has(event.appId)) grant(view, event.appId, event.userId, event.scopes)
        return
    }
  }

  #revokeReplaced({ keys }: TenantView, { replaces = '', at }: ApiKeyCreated): void {
    const replaced = keys.get(replaces)
    if (!replaced || replaced.revokedAt !== null) return
    const revoked = { ...replaced, revokedAt: at }
    keys.set(revoked.id, revoked)
    this.#keysByHash.set(revoked.hash, revoked)
  }

  #view(tenant: string): TenantView {
    let view = this.#tenants.get(tenant)
    if (!view) {
      view = newView()
      this.#tenants.set(tenant, view)
    }
    return view
  }
}

interface TenantView {
  sequence: number
  tenant: Tenant | undefined
  /** '' when there never was one. */
  primaryKeyId: string
  readonly profiles: Map<string, StoredProfile>
  readonly keys: Map<string, ApiKey>
  readonly subscriptions: Map<string, Subscription>
  readonly index: SubscriptionIndex
  readonly apps: Map<string, App>
  /** Scopes by app and user. */
  readonly grants: Map<string, Map<string, ReadonlySet<string>>>
}

const newView = (): TenantView => ({
  sequence: 0,
  tenant: undefined,
  primaryKeyId: '',
  profiles: new Map(),
  keys: new Map(),
  subscriptions: new Map(),
  index: new SubscriptionIndex(),
  apps: new Map(),
  grants: new Map(),
})

const linkTo = ({ tenant, id: subscriptionId }: Subscription) => ({ tenant, subscriptionId })

function grant({ grants }: TenantView, appId: string, userId: string, scopes: readonly string[]): void {
  const users = grants.get(appId) ?? new Map<string, ReadonlySet<string>>()
  grants.set(appId, users)
  if (scopes.length > 0) users.set(userId, new Set(scopes))
  else users.delete(userId)
}
