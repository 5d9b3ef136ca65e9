import type { EncryptedSecret, SecretLink, SubscriptionSecretRotated } from '@jethook/contracts'
import { requireProfile, requireSubscription, type Command, type TenantState } from './tenant-state.ts'

export interface RotateSecretCommand extends Command {
  readonly subscriptionId: string
  readonly secret: EncryptedSecret
  readonly secretLink?: SecretLink | undefined
}

/** The former secret signs along for as long as the profile says. Throws `unknown_tenant`, `subscription_not_found`. */
export function rotateSecret(
  { tenant, at, by, subscriptionId, secret, secretLink }: RotateSecretCommand,
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
    ...(overlapMs > 0 && { previousUntil: at + overlapMs }),
    ...(secretLink && { secretLink }),
  }
}
