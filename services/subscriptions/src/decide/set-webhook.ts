import type { Subscription } from '@jethook/configuration'
import type { EncryptedSecret, Profile, SubscriptionCreated, SubscriptionUpdated } from '@jethook/contracts'
import { createSubscription } from './create-subscription.ts'
import { requireApp, requireProfile, type Command, type TenantState } from './tenant-state.ts'
import { updateSubscription } from './update-subscription.ts'

/** Whose webhook: an app's, or with null the account's. */
export type WebhookOwner = string | null

export interface SetWebhookCommand extends Command {
  readonly appId: WebhookOwner
  readonly url: string
  /** Should it be the first one. */
  readonly subscriptionId: string
  readonly secret: EncryptedSecret
  /** The last one of EVENTS; must be given if the profile makes subscriptions ordered. */
  readonly eventSequence?: number | undefined
}

/**
 * The one webhook of an account or an app, which gets all events. Nothing when it is as wanted already. Throws
 * `unknown_tenant`, `app_not_found`, and what creating and updating subscriptions throws.
 */
export function setWebhook(
  command: SetWebhookCommand,
  state: TenantState,
): SubscriptionCreated | SubscriptionUpdated | undefined {
  const { tenant, at, by, appId, url } = command
  if (appId !== null) requireApp(appId, state)
  const present = webhookOf(appId, state)
  if (present) {
    const changes = { url, active: true }
    return updateSubscription({ tenant, at, by, subscriptionId: present.id, changes }, state)
  }
  const settings = { url, events: everyEvent(requireProfile(tenant, state)), appId }
  return createSubscription({ ...command, settings }, state)
}

export const webhookOf = (appId: WebhookOwner, { subscriptions }: TenantState): Subscription | undefined =>
  [...subscriptions.values()].find((subscription) => (subscription.appId ?? null) === appId)

const everyEvent = ({ filter, eventTypes }: Profile): string[] =>
  filter === 'names' ? eventTypes.map(({ name }) => name) : ['*']
