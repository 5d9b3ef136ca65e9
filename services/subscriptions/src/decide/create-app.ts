import { ProblemError, type AppCreated, type EncryptedSecret } from '@jethook/contracts'
import { requireProfile, type Command, type TenantState } from './tenant-state.ts'

export interface CreateAppCommand extends Command {
  readonly appId: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly secret: EncryptedSecret
}

/** Throws `unknown_tenant`, `other_api`. */
export function createApp(
  { tenant, at, by, appId, name, scopes, secret }: CreateAppCommand,
  state: TenantState,
): AppCreated {
  const profile = requireProfile(tenant, state)
  if (!profile.signatures.some(({ key }) => key === 'app'))
    throw new ProblemError('other_api', `The profile ${profile.name} has no apps: nothing in it is signed for an app.`)
  return { type: 'AppCreated', tenant, at, by, appId, name, scopes: [...new Set(scopes)], secret }
}
