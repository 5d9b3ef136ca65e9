import {
  defaultDeliveryRules,
  ProblemError,
  type EncryptedSecret,
  type Profile,
  type SecretLink,
  type SubscriptionCreated,
  type SubscriptionSettings,
} from '@jethook/contracts'
import { checkSettings } from './check-settings.ts'
import { requireProfile, type Command, type Deployment, type TenantState } from './tenant-state.ts'

export interface CreateSubscriptionCommand extends Command, Deployment {
  readonly subscriptionId: string
  readonly settings: NewSettings
  readonly secret: EncryptedSecret
  /** Of an ed25519 secret. */
  readonly publicKey?: string | undefined
  readonly secretLink?: SecretLink | undefined
  /** The last one of EVENTS; must be given if it is ordered. */
  readonly eventSequence?: number | undefined
}

/** What is left out is as the profile says, or nothing special. */
export type NewSettings = Pick<SubscriptionSettings, 'url' | 'events'> & Partial<SubscriptionSettings>

const unset = {
  ...defaultDeliveryRules,
  description: null,
  active: true,
  retryScheduleMs: null,
  timeoutMs: null,
} as const satisfies Partial<SubscriptionSettings>

/** Throws `unknown_tenant`, `subscription_limit_reached`, and what `checkSettings` throws. */
export function createSubscription(command: CreateSubscriptionCommand, state: TenantState): SubscriptionCreated {
  const { tenant, at, by, subscriptionId, secret, publicKey, secretLink, eventSequence, retentionMs } = command
  const profile = requireProfile(tenant, state)
  if (!command.settings.appId) requireRoom(profile, state)
  const wanted = { ...unset, ordered: profile.ordered, ...command.settings }
  const hasKeyPair = publicKey !== undefined
  const settings = checkSettings(wanted, { profile, state, subscriptionId, hasKeyPair, at, retentionMs })
  const order = settings.ordered ? { inOrderFrom: requireSequence(eventSequence) } : {}
  const shown = { ...(publicKey && { publicKey }), ...(secretLink && { secretLink }) }
  return { type: 'SubscriptionCreated', tenant, at, by, subscriptionId, settings, secret, ...shown, ...order }
}

/** Order begins somewhere. */
export function requireSequence(eventSequence: number | undefined): number {
  if (eventSequence !== undefined) return eventSequence
  throw new Error('Whoever makes a subscription ordered must say how far EVENTS has got.')
}

/** Apps have their own webhooks; they are not counted. */
function requireRoom({ limits: { subscriptions: limit } }: Profile, { subscriptions }: TenantState): void {
  const count = [...subscriptions.values()].filter(({ appId }) => !appId).length
  if (limit === null || count < limit) return
  const text = `This account has ${count} of at most ${limit} webhooks. Delete one, or change one, instead of adding another.`
  throw new ProblemError('subscription_limit_reached', text)
}
