import type { Profile, SubscriptionSettings } from '@jethook/contracts'
import type { TenantState } from './tenant-state.ts'

/** What a subscription has to sign with, as far as that decides which profiles can sign. */
export interface SigningKeys extends Pick<SubscriptionSettings, 'appId'> {
  /** Whether its secret is a private key. */
  readonly hasKeyPair: boolean
}

/** Why a profile could sign nothing; undefined when it can. */
export function whyNotSigning(
  { name, signatures }: Profile,
  { appId, hasKeyPair }: SigningKeys,
  { primaryKey }: Pick<TenantState, 'primaryKey'>,
): string | undefined {
  const keys = new Set(signatures.map(({ key }) => key))
  if (appId ? keys.has('app') : keys.has('account') && primaryKey) return undefined
  if (signatures.some(({ key, algorithm }) => key === 'subscription' && (algorithm === 'ed25519') === hasKeyPair))
    return undefined
  if (keys.has('subscription'))
    return `${name} cannot sign with ${hasKeyPair ? 'an ed25519' : 'an HMAC'} secret, which this subscription has`
  if (!appId && keys.has('account'))
    return `${name} signs with the primary API key, and there is none: POST /v1/tenants/{id}/keys with "primary": true makes one`
  return `${name} signs with ${appId ? 'the primary API key' : 'the secret of an app'}, which this subscription does not have`
}

/**
 * The profile by whose rules the subscription's own secret is made and shown: the first one that signs with it.
 * Undefined: none does.
 */
export function profileOfSecret(
  profile: Profile,
  alsoSignAs: readonly string[] | undefined,
  { profileNamed }: Pick<TenantState, 'profileNamed'>,
): Profile | undefined {
  const profiles = [profile, ...(alsoSignAs ?? []).map(profileNamed)]
  return profiles.find((each) => each?.signatures.some(({ key }) => key === 'subscription'))
}
