import { secretOwner, type Configuration, type SecretBox, type Subscription } from '@jethook/configuration'
import { createId, ProblemError, type Profile, type SubscriptionSettings } from '@jethook/contracts'
import { checkSecret, generateSecret } from '@jethook/profiles'
import type { AppendDecision } from '../append/append-decision.ts'
import type { PurgeCalendar } from '../calendar/purge-calendar.ts'
import { createSecretLink } from '../decide/create-secret-link.ts'
import { createSubscription, type NewSettings } from '../decide/create-subscription.ts'
import { deleteSubscription } from '../decide/delete-subscription.ts'
import { rotateSecret } from '../decide/rotate-secret.ts'
import { requireProfile, requireSubscription, stateOf } from '../decide/tenant-state.ts'
import { updateSubscription } from '../decide/update-subscription.ts'
import { drawSecretLink } from '../secret-links/draw-secret-link.ts'

/** On whose behalf: a tenant, and who asked for it. */
export interface Actor {
  readonly tenant: string
  readonly by: string
}

/** How the owner of a subscription gets to see its new secret, as the profile says; `none`: nothing is signed with it. */
export type NewSecret =
  | { readonly shown: 'answer'; readonly secret: string }
  | LinkToSecret
  | { readonly shown: 'none' }

export interface LinkToSecret {
  readonly shown: 'link'
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface WithNewSecret {
  readonly subscription: Subscription
  readonly newSecret: NewSecret
}

/** What can be done to subscriptions, whichever API asks for it. They throw what the deciders throw. */
export interface ManageSubscriptions {
  /** In the order of their creation. */
  list(tenant: string): Subscription[]
  find(tenant: string, id: string): Subscription
  /** `secret`: the one that who subscribes brought along. */
  create(actor: Actor, settings: NewSettings, secret?: string): Promise<WithNewSecret>
  update(actor: Actor, id: string, changes: Partial<SubscriptionSettings>): Promise<Subscription>
  delete(actor: Actor, id: string): Promise<void>
  rotateSecret(actor: Actor, id: string, secret?: string): Promise<WithNewSecret>
  /** Another link to a secret that was not shown yet. */
  renewSecretLink(actor: Actor, id: string): Promise<LinkToSecret>
}

export interface ManageSubscriptionsOptions {
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
  readonly purgeCalendar: PurgeCalendar
  readonly secretLinkLifeMs: number
}

export function createManageSubscriptions(options: ManageSubscriptionsOptions): ManageSubscriptions {
  const { configuration, append, purgeCalendar } = options

  const find: ManageSubscriptions['find'] = (tenant, id) => requireSubscription(id, stateOf(configuration, tenant))

  return {
    list: (tenant) => [...configuration.subscriptions(tenant).values()],
    find,
    async create({ tenant, by }, settings, supplied) {
      const at = Date.now()
      const subscriptionId = createId('sub', at)
      const { sealed, newSecret } = makeSecret(options, { tenant, subscriptionId, at, supplied })
      const command = { tenant, by, at, subscriptionId, settings, ...sealed }
      await append(tenant, (state) => createSubscription(command, state))
      return { subscription: find(tenant, subscriptionId), newSecret }
    },
    async update({ tenant, by }, subscriptionId, changes) {
      const command = { tenant, by, at: Date.now(), subscriptionId, changes }
      await append(tenant, (state) => updateSubscription(command, state))
      return find(tenant, subscriptionId)
    },
    async delete({ tenant, by }, subscriptionId) {
      const command = { tenant, by, at: Date.now(), subscriptionId }
      await append(tenant, (state) => deleteSubscription(command, state))
      await purgeCalendar(tenant, subscriptionId)
    },
    async rotateSecret({ tenant, by }, subscriptionId, supplied) {
      const at = Date.now()
      const { sealed, newSecret } = makeSecret(options, { tenant, subscriptionId, at, supplied })
      await append(tenant, (state) => rotateSecret({ tenant, by, at, subscriptionId, ...sealed }, state))
      return { subscription: find(tenant, subscriptionId), newSecret }
    },
    async renewSecretLink({ tenant, by }, subscriptionId) {
      const at = Date.now()
      const { token, link: secretLink } = drawSecretLink(at + options.secretLinkLifeMs)
      await append(tenant, (state) => createSecretLink({ tenant, by, at, subscriptionId, secretLink }, state))
      return { shown: 'link', token, expiresAt: secretLink.expiresAt }
    },
  }
}

interface SecretRequest {
  readonly tenant: string
  readonly subscriptionId: string
  readonly at: number
  readonly supplied: string | undefined
}

/** `sealed` is for the stream, `newSecret` for the one answer. The dispatcher names the same owner. */
function makeSecret(
  { configuration, secretBox, secretLinkLifeMs }: ManageSubscriptionsOptions,
  { tenant, subscriptionId, at, supplied }: SecretRequest,
) {
  const profile = requireProfile(tenant, stateOf(configuration, tenant))
  const { shown } = profile.secret
  const plain = supplied === undefined ? generateSecret(profile) : requireUsable(supplied, profile)
  const secret = secretBox.encrypt(plain, secretOwner.subscription(tenant, subscriptionId))
  const signs = profile.signatures.some(({ key }) => key === 'subscription')
  if (!signs) return { sealed: { secret }, newSecret: { shown: 'none' } satisfies NewSecret }
  if (shown === 'answer') return { sealed: { secret }, newSecret: { shown, secret: plain } satisfies NewSecret }
  const { token, link } = drawSecretLink(at + secretLinkLifeMs)
  return {
    sealed: { secret, secretLink: link },
    newSecret: { shown, token, expiresAt: link.expiresAt } satisfies NewSecret,
  }
}

function requireUsable(supplied: string, profile: Profile): string {
  const message = profile.secret.supplied
    ? checkSecret(profile, supplied)
    : `cannot be chosen with the profile ${profile.name}: leave it out, one is made for you`
  if (message === undefined) return supplied
  throw new ProblemError('invalid_secret', `secret: ${message}.`, { errors: [{ field: 'secret', message }] })
}
