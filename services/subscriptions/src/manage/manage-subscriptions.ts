import { secretOwner, type Configuration, type SecretBox, type Subscription } from '@jethook/configuration'
import { createId, ProblemError, type DomainEvent, type Profile, type SubscriptionSettings } from '@jethook/contracts'
import { checkSecret, generateSecret, hasSecretsOfKind, publicKeyOf, type SecretKind } from '@jethook/profiles'
import type { AppendDecision } from '../append/append-decision.ts'
import type { PurgeCalendar } from '../calendar/purge-calendar.ts'
import { sealCredentials, type Credentials, type PlainSettings } from '../credentials/seal-credentials.ts'
import { createSecretLink } from '../decide/create-secret-link.ts'
import { createSubscription, type NewSettings } from '../decide/create-subscription.ts'
import { deleteSubscription } from '../decide/delete-subscription.ts'
import { enableSubscription } from '../decide/enable-subscription.ts'
import { pauseSubscription, resumeSubscription } from '../decide/pause-subscription.ts'
import { rotateSecret } from '../decide/rotate-secret.ts'
import { profileOfSecret } from '../decide/signing-profiles.ts'
import { requireProfile, requireSubscription, stateOf, type Command, type TenantState } from '../decide/tenant-state.ts'
import { updateSubscription } from '../decide/update-subscription.ts'
import type { RequireDestinations } from '../destination/require-destination.ts'
import type { LastEventSequence } from '../event-sequence/last-event-sequence.ts'
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

/** What a new secret should be like: as the profile has them, unless something is said. */
export interface SecretWish {
  /** The one that who subscribes brought along. */
  readonly supplied?: string | undefined
  /** That of the secret before it, at a rotation, unless given. */
  readonly kind?: SecretKind | undefined
}

/**
 * What can be done to subscriptions, whichever API asks for it. They throw what the deciders throw, and for settings
 * `destination_refused` and `invalid_client_certificate`.
 */
export interface ManageSubscriptions {
  /** In the order of their creation. */
  list(tenant: string): Subscription[]
  find(tenant: string, id: string): Subscription
  create(actor: Actor, settings: PlainSettings<NewSettings>, wish?: SecretWish): Promise<WithNewSecret>
  update(actor: Actor, id: string, changes: PlainSettings<Partial<SubscriptionSettings>>): Promise<Subscription>
  /** Makes it active, whether its owner or Jethook had ended that. */
  enable(actor: Actor, id: string): Promise<Subscription>
  /** Keeps its deliveries until it is resumed. */
  pause(actor: Actor, id: string): Promise<Subscription>
  resume(actor: Actor, id: string): Promise<Subscription>
  delete(actor: Actor, id: string): Promise<void>
  rotateSecret(actor: Actor, id: string, wish?: SecretWish): Promise<WithNewSecret>
  /** Another link to a secret that was not shown yet. */
  renewSecretLink(actor: Actor, id: string): Promise<LinkToSecret>
}

export interface ManageSubscriptionsOptions {
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
  readonly purgeCalendar: PurgeCalendar
  readonly requireDestinations: RequireDestinations
  readonly secretLinkLifeMs: number
  /** How long events are kept, in milliseconds. */
  readonly retentionMs: number
  readonly lastEventSequence: LastEventSequence
}

export function createManageSubscriptions(options: ManageSubscriptionsOptions): ManageSubscriptions {
  const { configuration, append, purgeCalendar, requireDestinations, retentionMs } = options

  const find: ManageSubscriptions['find'] = (tenant, id) => requireSubscription(id, stateOf(configuration, tenant))
  const withSealedCredentials = <S extends Credentials>(settings: S, { tenant, subscriptionId, at }: SecretOwner) =>
    sealCredentials(settings, {
      secretBox: options.secretBox,
      owner: secretOwner.subscription(tenant, subscriptionId),
      present: configuration.subscription(tenant, subscriptionId),
      at,
    })

  const decideOn = async (
    { tenant, by }: Actor,
    subscriptionId: string,
    decide: (command: Command & { subscriptionId: string }, state: TenantState) => DomainEvent | undefined,
  ): Promise<Subscription> => {
    await append(tenant, (state) => decide({ tenant, by, at: Date.now(), subscriptionId }, state))
    return find(tenant, subscriptionId)
  }

  return {
    list: (tenant) => [...configuration.subscriptions(tenant).values()],
    find,
    async create({ tenant, by }, given, wish = {}) {
      await requireDestinations(given)
      const at = Date.now()
      const subscriptionId = createId('sub', at)
      const settings = withSealedCredentials(given, { tenant, subscriptionId, at })
      const { sealed, newSecret } = makeSecret(options, {
        tenant,
        subscriptionId,
        at,
        alsoSignAs: settings.alsoSignAs,
        ...wish,
      })
      const isOrdered = settings.ordered ?? requireProfile(tenant, stateOf(configuration, tenant)).ordered
      const eventSequence = isOrdered ? await options.lastEventSequence() : undefined
      const command = { tenant, by, at, subscriptionId, settings, retentionMs, ...sealed, eventSequence }
      await append(tenant, (state) => createSubscription(command, state))
      return { subscription: find(tenant, subscriptionId), newSecret }
    },
    async update({ tenant, by }, subscriptionId, given) {
      // A URL that is sent back as it is must not keep its subscription from being changed otherwise, or paused.
      const isSame = given.url === configuration.subscription(tenant, subscriptionId)?.url
      await requireDestinations({ authentication: given.authentication, ...(!isSame && { url: given.url }) })
      const at = Date.now()
      const eventSequence = given.ordered ? await options.lastEventSequence() : undefined
      const command = { tenant, by, at, subscriptionId, retentionMs, eventSequence }
      await append(tenant, (state) => {
        // Masked values keep what is there by now.
        const changes = withSealedCredentials(given, command)
        return updateSubscription({ ...command, changes }, state)
      })
      return find(tenant, subscriptionId)
    },
    enable: (actor, id) => decideOn(actor, id, enableSubscription),
    pause: (actor, id) => decideOn(actor, id, pauseSubscription),
    resume: (actor, id) => decideOn(actor, id, resumeSubscription),
    async delete({ tenant, by }, subscriptionId) {
      const command = { tenant, by, at: Date.now(), subscriptionId }
      await append(tenant, (state) => deleteSubscription(command, state))
      await purgeCalendar(tenant, subscriptionId)
    },
    async rotateSecret({ tenant, by }, subscriptionId, wish = {}) {
      const at = Date.now()
      const { publicKey, alsoSignAs } = find(tenant, subscriptionId)
      const hadKeyPair = publicKey !== undefined
      const request = { tenant, subscriptionId, at, hadKeyPair, alsoSignAs, ...wish }
      const { sealed, newSecret } = makeSecret(options, request)
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

interface SecretOwner {
  readonly tenant: string
  readonly subscriptionId: string
  readonly at: number
}

interface SecretRequest extends SecretWish, SecretOwner {
  /** At a rotation: whether the secret before it was a private key. */
  readonly hadKeyPair?: boolean
  readonly alsoSignAs?: readonly string[] | undefined
}

/** `sealed` is for the stream, `newSecret` for the one answer. The dispatcher names the same owner. */
function makeSecret(
  { configuration, secretBox, secretLinkLifeMs }: ManageSubscriptionsOptions,
  { tenant, subscriptionId, at, supplied, hadKeyPair, alsoSignAs, ...wish }: SecretRequest,
) {
  const state = stateOf(configuration, tenant)
  const own = requireProfile(tenant, state)
  const signing = profileOfSecret(own, alsoSignAs, state)
  const profile = signing ?? own
  const { shown } = profile.secret
  const kind = wish.kind ?? (hadKeyPair && hasSecretsOfKind(profile, 'ed25519') ? 'ed25519' : undefined)
  const plain = supplied === undefined ? drawSecret(profile, kind) : requireUsable(supplied, profile)
  const secret = secretBox.encrypt(plain, secretOwner.subscription(tenant, subscriptionId))
  const publicKey = publicKeyOf(profile, plain)
  // Nobody else ever needs a private key.
  if (!signing || publicKey !== undefined)
    return { sealed: { secret, publicKey }, newSecret: { shown: 'none' } satisfies NewSecret }
  if (shown === 'answer') return { sealed: { secret }, newSecret: { shown, secret: plain } satisfies NewSecret }
  const { token, link } = drawSecretLink(at + secretLinkLifeMs)
  return {
    sealed: { secret, secretLink: link },
    newSecret: { shown, token, expiresAt: link.expiresAt } satisfies NewSecret,
  }
}

function drawSecret(profile: Profile, kind: SecretKind | undefined): string {
  if (kind === undefined || hasSecretsOfKind(profile, kind)) return generateSecret(profile, kind)
  const message = `the profile ${profile.name} has no ${kind} signatures`
  throw new ProblemError('invalid_secret', `secretKind: ${message}.`, { errors: [{ field: 'secretKind', message }] })
}

function requireUsable(supplied: string, profile: Profile): string {
  const message = profile.secret.supplied
    ? checkSecret(profile, supplied)
    : `cannot be chosen with the profile ${profile.name}: leave it out, one is made for you`
  if (message === undefined) return supplied
  throw new ProblemError('invalid_secret', `secret: ${message}.`, { errors: [{ field: 'secret', message }] })
}
