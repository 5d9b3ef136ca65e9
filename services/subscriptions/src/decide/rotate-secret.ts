import {
  ProblemError,
  type EncryptedSecret,
  type Profile,
  type SecretLink,
  type SubscriptionSecretRotated,
} from '@jethook/contracts'
import { requireSigning } from './check-settings.ts'
import { profileOfSecret } from './signing-profiles.ts'
import { requireProfile, requireSubscription, type Command, type TenantState } from './tenant-state.ts'

export interface RotateSecretCommand extends Command {
  readonly subscriptionId: string
  readonly secret: EncryptedSecret
  /** Of an ed25519 secret. */
  readonly publicKey?: string | undefined
  readonly secretLink?: SecretLink | undefined
}

/** The former secret signs along for as long as the profile says. Throws `unknown_tenant`, `subscription_not_found`, `invalid_request`. */
export function rotateSecret(
  { tenant, at, by, subscriptionId, secret, publicKey, secretLink }: RotateSecretCommand,
  state: TenantState,
): SubscriptionSecretRotated {
  const profile = requireProfile(tenant, state)
  const { overlapMs } = profile.secret
  const { alsoSignAs, appId } = requireSubscription(subscriptionId, state)
  if (!profileOfSecret(profile, alsoSignAs, state)) throw signsWithOthers(profile)
  for (const [index, name] of (alsoSignAs ?? []).entries()) {
    const further = state.profileNamed(name)
    // Another key may be missing, and this one has to be replaced all the same.
    if (!further?.signatures.every(({ key }) => key === 'subscription')) continue
    requireSigning(further, `alsoSignAs[${index}]`, { appId, hasKeyPair: publicKey !== undefined }, state)
  }
  return {
    type: 'SubscriptionSecretRotated',
    tenant,
    at,
    by,
    subscriptionId,
    secret,
    ...(publicKey && { publicKey }),
    ...(overlapMs > 0 && { previousUntil: at + overlapMs }),
    ...(secretLink && { secretLink }),
  }
}

function signsWithOthers({ name, signatures }: Profile): ProblemError {
  const remedy = signatures.some(({ key }) => key === 'account')
    ? 'Replace the primary API key, or the secret of the app, instead.'
    : 'Replace the secret of the app instead.'
  const text = `The profile ${name} does not sign with the secret of a subscription, so there is nothing to rotate. ${remedy}`
  return new ProblemError('invalid_request', text)
}
