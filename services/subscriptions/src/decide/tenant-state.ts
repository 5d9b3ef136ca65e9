import type { ApiKey, App, Configuration, StoredProfile, Subscription, Tenant } from '@jethook/configuration'
import { ProblemError, type Profile } from '@jethook/contracts'

/** What decisions about one tenant look at: everything decided about it so far, folded. */
export interface TenantState {
  readonly tenant: Tenant | undefined
  /** What the name of a profile means to it: its own, a shared or a shipped one. */
  readonly profileNamed: (name: string) => Profile | undefined
  readonly profileNames: () => string[]
  /** Those it has written; in place of a tenant there may be `sharedOwner`. */
  readonly profiles: ReadonlyMap<string, StoredProfile>
  readonly apiKeys: ReadonlyMap<string, ApiKey>
  readonly primaryKey: ApiKey | undefined
  readonly subscriptions: ReadonlyMap<string, Subscription>
  readonly apps: ReadonlyMap<string, App>
  readonly grantedScopes: (appId: string, userId: string) => ReadonlySet<string>
}

export function stateOf(configuration: Configuration, tenant: string): TenantState {
  return {
    tenant: configuration.tenant(tenant),
    profileNamed: (name) => configuration.profileNamed(tenant, name),
    profileNames: () => configuration.profileNames(tenant),
    profiles: configuration.profiles(tenant),
    primaryKey: configuration.primaryKey(tenant),
    apiKeys: configuration.apiKeys(tenant),
    subscriptions: configuration.subscriptions(tenant),
    apps: configuration.apps(tenant),
    grantedScopes: (appId, userId) => configuration.grantedScopes(tenant, appId, userId),
  }
}

/** What every command says. */
export interface Command {
  readonly tenant: string
  /** When it was asked for, milliseconds since the epoch. */
  readonly at: number
  /** `operator` or the id of an API key. */
  readonly by: string
}

/** What settings are checked against besides the tenant's state. */
export interface Deployment {
  /** How long events are kept, in milliseconds: no schedule of retries may be longer. */
  readonly retentionMs?: number | undefined
}

/** Throws `unknown_tenant`. */
export function requireTenant(id: string, { tenant }: TenantState): Tenant {
  if (tenant) return tenant
  throw new ProblemError('unknown_tenant', `There is no tenant ${id}.`)
}

/** Throws `subscription_not_found`. */
export function requireSubscription(id: string, { subscriptions }: TenantState): Subscription {
  const subscription = subscriptions.get(id)
  if (subscription) return subscription
  throw new ProblemError('subscription_not_found', `There is no subscription ${id}.`)
}

/** Throws `app_not_found`. */
export function requireApp(id: string, { apps }: TenantState): App {
  const app = apps.get(id)
  if (app) return app
  throw new ProblemError('app_not_found', `There is no app ${id}.`)
}

/** The profile of a tenant. Throws `unknown_tenant`, `unknown_profile`. */
export function requireProfile(id: string, state: TenantState): Profile {
  const { profile: name } = requireTenant(id, state)
  const profile = state.profileNamed(name)
  if (profile) return profile
  throw new ProblemError('unknown_profile', `The profile ${name} of tenant ${id} is not known here.`)
}

/** For a name that somebody chose. Throws `unknown_profile`. */
export function requireKnownProfile(name: string, { profileNamed, profileNames }: TenantState): void {
  if (profileNamed(name)) return
  const known = profileNames().join(', ')
  throw new ProblemError('unknown_profile', `There is no profile "${name}". Known are: ${known}.`, {
    errors: [{ field: 'profile', message: `must be one of: ${known}` }],
  })
}
