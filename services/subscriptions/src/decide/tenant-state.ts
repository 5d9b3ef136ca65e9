import type { ApiKey, Configuration, Subscription, Tenant } from '@jethook/configuration'
import { ProblemError, type Profile } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'

/** What decisions about one tenant look at: everything decided about it so far, folded. */
export interface TenantState {
  readonly tenant: Tenant | undefined
  readonly apiKeys: ReadonlyMap<string, ApiKey>
  readonly subscriptions: ReadonlyMap<string, Subscription>
}

export function stateOf(configuration: Configuration, tenant: string): TenantState {
  return {
    tenant: configuration.tenant(tenant),
    apiKeys: configuration.apiKeys(tenant),
    subscriptions: configuration.subscriptions(tenant),
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

/** Throws `unknown_profile`. */
export function profileOf(tenant: Tenant): Profile {
  const profile = shippedProfiles.get(tenant.profile)
  if (profile) return profile
  throw new ProblemError('unknown_profile', `The profile ${tenant.profile} of tenant ${tenant.id} is not known here.`)
}
