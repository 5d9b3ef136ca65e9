import { secretOwner, type Configuration, type SecretBox, type Subscription } from '@jethook/configuration'
import { createId, ProblemError } from '@jethook/contracts'
import { generateSecret } from '@jethook/profiles'
import type { AppendDecision } from '../append/append-decision.ts'
import { setWebhook, webhookOf, type WebhookOwner } from '../decide/set-webhook.ts'
import { requireProfile, stateOf } from '../decide/tenant-state.ts'
import type { RequireDestinations } from '../destination/require-destination.ts'
import type { LastEventSequence } from '../event-sequence/last-event-sequence.ts'
import type { Actor, ManageSubscriptions } from './manage-subscriptions.ts'

/** The one webhook of an account (null), or of an app. */
export interface ManageWebhooks {
  /** Throws `subscription_not_found`. */
  find(tenant: string, owner: WebhookOwner): Subscription
  /** Throws what `setWebhook` throws, and `destination_refused`. */
  set(actor: Actor, owner: WebhookOwner, url: string): Promise<Subscription>
  /** Throws `subscription_not_found`. */
  delete(actor: Actor, owner: WebhookOwner): Promise<void>
}

export interface ManageWebhooksOptions {
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
  readonly requireDestinations: RequireDestinations
  readonly subscriptions: Pick<ManageSubscriptions, 'delete'>
  readonly lastEventSequence: LastEventSequence
}

export function createManageWebhooks(options: ManageWebhooksOptions): ManageWebhooks {
  const { configuration, append, secretBox, requireDestinations, subscriptions } = options

  const find: ManageWebhooks['find'] = (tenant, owner) => {
    const webhook = webhookOf(owner, stateOf(configuration, tenant))
    if (webhook) return webhook
    throw new ProblemError('subscription_not_found', 'No webhook URL is set. PUT {"url": "https://…"} sets one.')
  }

  return {
    find,
    async set({ tenant, by }, appId, url) {
      await requireDestinations({ url })
      const at = Date.now()
      const subscriptionId = createId('sub', at)
      const profile = requireProfile(tenant, stateOf(configuration, tenant))
      const secret = secretBox.encrypt(generateSecret(profile), secretOwner.subscription(tenant, subscriptionId))
      const eventSequence = profile.ordered ? await options.lastEventSequence() : undefined
      const command = { tenant, by, at, appId, url, subscriptionId, secret, eventSequence }
      await append(tenant, (state) => setWebhook(command, state))
      return find(tenant, appId)
    },
    delete: async (actor, owner) => subscriptions.delete(actor, find(actor.tenant, owner).id),
  }
}
