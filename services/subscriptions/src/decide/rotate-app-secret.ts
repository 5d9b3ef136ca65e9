import type { AppSecretRotated, EncryptedSecret } from '@jethook/contracts'
import { requireApp, requireProfile, type Command, type TenantState } from './tenant-state.ts'

export interface RotateAppSecretCommand extends Command {
  readonly appId: string
  readonly secret: EncryptedSecret
}

/** Throws `unknown_tenant`, `app_not_found`. */
export function rotateAppSecret(
  { tenant, at, by, appId, secret }: RotateAppSecretCommand,
  state: TenantState,
): AppSecretRotated {
  const { overlapMs } = requireProfile(tenant, state).secret
  requireApp(appId, state)
  const overlap = overlapMs > 0 && { previousUntil: at + overlapMs }
  return { type: 'AppSecretRotated', tenant, at, by, appId, secret, ...overlap }
}
