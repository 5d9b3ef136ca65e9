import { ProblemError, type AppDeleted } from '@jethook/contracts'
import { requireApp, type Command, type TenantState } from './tenant-state.ts'

export interface DeleteAppCommand extends Command {
  readonly appId: string
}

/** Its webhook is deleted first. Throws `app_not_found`, `conflict`. */
export function deleteApp({ tenant, at, by, appId }: DeleteAppCommand, state: TenantState): AppDeleted {
  requireApp(appId, state)
  const left = [...state.subscriptions.values()].some((subscription) => subscription.appId === appId)
  if (left) throw new ProblemError('conflict', `The app ${appId} was given a webhook at the same time. Try again.`)
  return { type: 'AppDeleted', tenant, at, by, appId }
}
