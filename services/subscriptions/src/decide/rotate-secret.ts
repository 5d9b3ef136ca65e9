import type { EncryptedSecret, SecretLink, SubscriptionSecretRotated } from '@jethook/contracts'
import { requireProfile, requireSubscription, type Command, type TenantState } from './tenant-state.ts'

export interface RotateSecretCommand extends Command {
  readonly subscriptionId: string
  readonly secret: EncryptedSecret
  /** Of an ed25519 secret. */
  readonly publicKey?: string | undefined
  readonly secretLink?: SecretLink | undefined
}

/** The former secret signs along for as long as the profile says. Throws `unknown_tenant`, `subscription_not_found`. */
export function rotateSecret(
  { tenant, at, by, subscriptionId, secret, publicKey, secretLink }: RotateSecretCommand,
  state: TenantState,
): SubscriptionSecretRotated {
  const { overlapMs } = requireProfile(tenant, state).secret
  requireSubscription(subscriptionId, state)
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
