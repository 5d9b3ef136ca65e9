import { ProblemError, type AppGranted } from '@jethook/contracts'
import { requireApp, type Command, type TenantState } from './tenant-state.ts'

export interface GrantAppCommand extends Command {
  readonly appId: string
  readonly userId: string
  /** In place of those granted before; none takes all back. */
  readonly scopes: readonly string[]
}

/** Nothing when nothing would be different. Throws `app_not_found`, `invalid_request` for what the app cannot be granted. */
export function grantApp(
  { tenant, at, by, appId, userId, scopes }: GrantAppCommand,
  state: TenantState,
): AppGranted | undefined {
  const app = requireApp(appId, state)
  const index = scopes.findIndex((scope) => !app.scopes.includes(scope))
  if (index !== -1) {
    const message = `"${scopes[index]}" is not among the scopes of the app: ${app.scopes.join(', ')}`
    throw new ProblemError('invalid_request', `scopes[${index}]: ${message}.`, {
      errors: [{ field: `scopes[${index}]`, message }],
    })
  }
  const wanted = new Set(scopes)
  const granted = state.grantedScopes(appId, userId)
  if (wanted.symmetricDifference(granted).size === 0) return undefined
  return { type: 'AppGranted', tenant, at, by, appId, userId, scopes: [...wanted] }
}
