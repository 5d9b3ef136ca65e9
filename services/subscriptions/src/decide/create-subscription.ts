import type { EncryptedSecret, SubscriptionCreated, SubscriptionSettings } from '@jethook/contracts'
import { chooseEvents } from './choose-events.ts'
import { profileOf, requireTenant, type Command, type TenantState } from './tenant-state.ts'

export interface CreateSubscriptionCommand extends Command {
  readonly subscriptionId: string
  /** `ordered` left out: as the profile says. */
  readonly settings: Omit<SubscriptionSettings, 'ordered'> & { readonly ordered?: boolean | undefined }
  readonly secret: EncryptedSecret
}

/** Throws `unknown_tenant`, `unknown_event_type`. */
export function createSubscription(command: CreateSubscriptionCommand, state: TenantState): SubscriptionCreated {
  const { tenant, at, by, subscriptionId, secret } = command
  const profile = profileOf(requireTenant(tenant, state))
  const settings = {
    ...command.settings,
    events: chooseEvents(command.settings.events, profile),
    ordered: command.settings.ordered ?? profile.ordered,
  }
  return { type: 'SubscriptionCreated', tenant, at, by, subscriptionId, settings, secret }
}
