import type { EncryptedSecret, SubscriptionSecretRotated } from '@jethook/contracts'
import { requireSubscription, requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface RotateSecretCommand extends Command {
  readonly subscriptionId: string
  readonly secret: EncryptedSecret
}

/** Throws `unknown_tenant`, `subscription_not_found`. */
export function rotateSecret(
  { tenant, at, by, subscriptionId, secret }: RotateSecretCommand,
  state: TenantState,
): SubscriptionSecretRotated {
  requireTenant(tenant, state)
  requireSubscription(subscriptionId, state)
  return { type: 'SubscriptionSecretRotated', tenant, at, by, subscriptionId, secret }
}
