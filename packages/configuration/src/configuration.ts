import type { DomainEvent } from '@jethook/contracts'
import { evolveApiKey, evolveSubscription, evolveTenant, type SubscriptionEvent } from './evolve.ts'
import type { ApiKey, Subscription, Tenant } from './model.ts'

/**
 * The folded CONFIG stream, as every service holds it in memory. The folds are pure and per thing; only the maps
 * that hold the things change in place, so that one more subscription costs the same among ten as among 100,000.
 */
export class Configuration {
  readonly #tenants = new Map<string, TenantView>()
  readonly #keysByHash = new Map<string, ApiKey>()
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

  apiKeyByHash(hash: string): ApiKey | undefined {
    return this.#keysByHash.get(hash)
  }

  apiKeys(tenant: string): ReadonlyMap<string, ApiKey> {
    return this.#tenants.get(tenant)?.keys ?? new Map<string, ApiKey>()
  }

  subscription(tenant: string, id: string): Subscription | undefined {
    return this.#tenants.get(tenant)?.subscriptions.get(id)
  }

  /** In the order of their creation. */
  subscriptions(tenant: string): ReadonlyMap<string, Subscription> {
    return this.#tenants.get(tenant)?.subscriptions ?? new Map<string, Subscription>()
  }

  /** The active subscriptions that chose an event type. */
  matching(tenant: string, eventType: string): Iterable<Subscription> {
    return this.#tenants.get(tenant)?.byEventType.get(eventType)?.values() ?? []
  }

  apply(event: DomainEvent, sequence: number): void {
    const view = this.#view(event.tenant)
    view.sequence = sequence
    this.#sequence = sequence
    switch (event.type) {
      case 'TenantCreated':
        view.tenant = evolveTenant(view.tenant, event)
        return
      case 'ApiKeyCreated':
      case 'ApiKeyRevoked': {
        const key = evolveApiKey(view.keys.get(event.keyId), event)
        if (!key) return
        view.keys.set(key.id, key)
        this.#keysByHash.set(key.hash, key)
        return
      }
      case 'SubscriptionCreated':
      case 'SubscriptionUpdated':
      case 'SubscriptionSecretRotated':
      case 'SubscriptionDeleted':
        applyToSubscription(view, event)
        return
    }
  }

  #view(tenant: string): TenantView {
    let view = this.#tenants.get(tenant)
    if (!view) {
      view = { sequence: 0, tenant: undefined, keys: new Map(), subscriptions: new Map(), byEventType: new Map() }
      this.#tenants.set(tenant, view)
    }
    return view
  }
}

interface TenantView {
  sequence: number
  tenant: Tenant | undefined
  readonly keys: Map<string, ApiKey>
  readonly subscriptions: Map<string, Subscription>
  /** Index for matching: event type to its active subscriptions by id. */
  readonly byEventType: Map<string, Map<string, Subscription>>
}

function applyToSubscription(view: TenantView, event: SubscriptionEvent): void {
  const before = view.subscriptions.get(event.subscriptionId)
  const after = evolveSubscription(before, event)
  for (const eventType of before?.events ?? []) view.byEventType.get(eventType)?.delete(event.subscriptionId)
  if (!after) {
    view.subscriptions.delete(event.subscriptionId)
    return
  }
  view.subscriptions.set(after.id, after)
  if (!after.active) return
  for (const eventType of after.events) {
    const chosen = view.byEventType.get(eventType)
    if (chosen) chosen.set(after.id, after)
    else view.byEventType.set(eventType, new Map([[after.id, after]]))
  }
}
