import { z } from 'zod'
import { Authentication, ClientCertificate } from './credentials.ts'
import { defaultedDeliveryRules, deliveryRules } from './delivery-rules.ts'
import { EncryptedSecret } from './encrypted-secret.ts'
import { CustomHeaders, HeaderName } from './http-fields.ts'
import { TenantId } from './identifiers.ts'
import { Profile, ProfileName } from './profile.ts'
import { Role } from './roles.ts'

const settings = {
  url: z.string(),
  /** Event types, `*`, or patterns like `user.*`, as the profile lets them be chosen. */
  events: z.array(z.string()),
  description: z.string().nullable(),
  active: z.boolean(),
  /** Overrides of the profile; null leaves them to it. */
  retryScheduleMs: z.array(z.int().min(0)).nullable(),
  timeoutMs: z.int().nullable(),
  /** Those below are left out where they were never set. */
  name: z.string().nullable().optional(),
  /** As `sealedHeaders`, in the clear: how it was done once. */
  customHeaders: CustomHeaders.optional(),
  /** Sent along with each request; they never replace ours. Their values are secrets. */
  sealedHeaders: z.record(HeaderName, EncryptedSecret).optional(),
  /** From then on nothing is delivered, milliseconds since the epoch. */
  expiresAt: z.int().nullable().optional(),
  /** Further profiles whose headers and signatures each request carries, to move receivers from one to another. */
  alsoSignAs: z.array(ProfileName).optional(),
  /** The app it belongs to: it gets only events of users who granted the app what the event type asks for. */
  appId: z.string().nullable().optional(),
  authentication: Authentication.nullable().optional(),
  clientCertificate: ClientCertificate.nullable().optional(),
}

/** What a subscription's owner decides about it. */
export const SubscriptionSettings = z.strictObject({ ...settings, ...defaultedDeliveryRules })
/** Without defaults: what is left out stays as it is. */
const SettingsChanges = z.strictObject({ ...settings, ...deliveryRules }).partial()

/** A link that shows a secret once. */
export const SecretLink = z.object({
  /** SHA-256 of the token in the link, hex: who reads CONFIG cannot follow it. */
  tokenHash: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.int(),
})

/** In place of a tenant: what belongs to the operator, for every tenant. No tenant can have this name. */
export const sharedOwner = '_shared'

const envelope = {
  tenant: z.union([TenantId, z.literal(sharedOwner)]),
  /** When it was decided, milliseconds since the epoch. */
  at: z.int(),
  /** Who asked for it: `operator`, the id of an API key, or `jethook` itself. */
  by: z.string(),
}

/** Who decides what nobody asked for. */
export const byJethook = 'jethook'

/** Who is written to about its webhooks; left out where it was never set. */
const ContactEmail = z.string().nullable().optional()

export const TenantCreated = z.object({
  type: z.literal('TenantCreated'),
  ...envelope,
  name: z.string(),
  profile: z.string(),
  contactEmail: ContactEmail,
})

export const TenantUpdated = z.object({
  type: z.literal('TenantUpdated'),
  ...envelope,
  changes: z.object({ name: z.string(), profile: z.string(), contactEmail: ContactEmail }).partial(),
})

/** `tenant` is its owner: the profile is for this tenant, or with `sharedOwner` for all that have none of this name. */
export const ProfileCreated = z.object({
  type: z.literal('ProfileCreated'),
  ...envelope,
  name: ProfileName,
  document: Profile,
})

export const ProfileUpdated = z.object({
  type: z.literal('ProfileUpdated'),
  ...envelope,
  name: ProfileName,
  document: Profile,
})

export const ApiKeyCreated = z.object({
  type: z.literal('ApiKeyCreated'),
  ...envelope,
  keyId: z.string(),
  name: z.string(),
  role: Role,
  /** SHA-256 of the key, hex. A key has 256 random bits, so a slow hash would protect nothing. */
  hash: z.string(),
  /** The key's first characters, to recognise it by. */
  hint: z.string(),
  /** The key itself. Given: it is the account's primary key from now on, with which profiles may sign. */
  primary: EncryptedSecret.optional(),
  /** The key that is revoked with it. */
  replaces: z.string().optional(),
})

export const ApiKeyRevoked = z.object({ type: z.literal('ApiKeyRevoked'), ...envelope, keyId: z.string() })

export const SubscriptionCreated = z.object({
  type: z.literal('SubscriptionCreated'),
  ...envelope,
  subscriptionId: z.string(),
  settings: SubscriptionSettings,
  secret: EncryptedSecret,
  /** Of an ed25519 secret: what receivers verify with. */
  publicKey: z.string().optional(),
  /** Where the secret is shown; links to earlier secrets of the subscription end with it. */
  secretLink: SecretLink.optional(),
  /** It is ordered: events after this sequence of EVENTS are delivered by who keeps order. */
  inOrderFrom: z.int().optional(),
})

export const SubscriptionUpdated = z.object({
  type: z.literal('SubscriptionUpdated'),
  ...envelope,
  subscriptionId: z.string(),
  changes: SettingsChanges,
  /** It was disabled, and is active again. */
  enables: z.literal(true).optional(),
  /** It is ordered for the first time: events after this sequence of EVENTS are delivered by who keeps order. */
  inOrderFrom: z.int().optional(),
})

/**
 * Why Jethook disables a subscription. `failing`: too many failures in a row. `gone`: it answered 410. `receiver`: it
 * asked for it.
 */
export const DisabledReason = z.enum(['failing', 'gone', 'receiver'])

export const SubscriptionDisabled = z.object({
  type: z.literal('SubscriptionDisabled'),
  ...envelope,
  subscriptionId: z.string(),
  reason: DisabledReason,
  /** The first of the failures since the last success, milliseconds since the epoch. */
  firstFailureAt: z.int().nullable(),
  /** Failed attempts since the last success. */
  failures: z.int(),
})

/** Active again after it was disabled; `by` Jethook after a successful test. */
export const SubscriptionEnabled = z.object({
  type: z.literal('SubscriptionEnabled'),
  ...envelope,
  subscriptionId: z.string(),
})

/** From now on its deliveries are kept, until it is resumed. */
export const SubscriptionPaused = z.object({
  type: z.literal('SubscriptionPaused'),
  ...envelope,
  subscriptionId: z.string(),
})

export const SubscriptionResumed = z.object({
  type: z.literal('SubscriptionResumed'),
  ...envelope,
  subscriptionId: z.string(),
})

export const SubscriptionSecretRotated = z.object({
  type: z.literal('SubscriptionSecretRotated'),
  ...envelope,
  subscriptionId: z.string(),
  secret: EncryptedSecret,
  publicKey: z.string().optional(),
  /** Until then the secret before this one signs, too, milliseconds since the epoch. Left out: it is not used any more. */
  previousUntil: z.int().optional(),
  secretLink: SecretLink.optional(),
})

/** Another link to the present secret; the one before it ends. */
export const SecretLinkCreated = z.object({
  type: z.literal('SecretLinkCreated'),
  ...envelope,
  subscriptionId: z.string(),
  secretLink: SecretLink,
})

/** The secret was shown to whoever had the link. */
export const SecretLinkUsed = z.object({
  type: z.literal('SecretLinkUsed'),
  ...envelope,
  subscriptionId: z.string(),
  tokenHash: z.string(),
})

export const SubscriptionDeleted = z.object({
  type: z.literal('SubscriptionDeleted'),
  ...envelope,
  subscriptionId: z.string(),
})

/** An app that users of the tenant may let have their events. */
export const AppCreated = z.object({
  type: z.literal('AppCreated'),
  ...envelope,
  appId: z.string(),
  name: z.string(),
  secret: EncryptedSecret,
  /** What it may be granted at all. */
  scopes: z.array(z.string()),
})

export const AppSecretRotated = z.object({
  type: z.literal('AppSecretRotated'),
  ...envelope,
  appId: z.string(),
  secret: EncryptedSecret,
  previousUntil: z.int().optional(),
})

export const AppDeleted = z.object({ type: z.literal('AppDeleted'), ...envelope, appId: z.string() })

/** A user lets an app have events. The scopes replace those granted before; none takes all back. */
export const AppGranted = z.object({
  type: z.literal('AppGranted'),
  ...envelope,
  appId: z.string(),
  userId: z.string(),
  scopes: z.array(z.string()),
})

/** What CONFIG holds: one domain event per message. */
export const DomainEvent = z.discriminatedUnion('type', [
  TenantCreated,
  TenantUpdated,
  ProfileCreated,
  ProfileUpdated,
  ApiKeyCreated,
  ApiKeyRevoked,
  SubscriptionCreated,
  SubscriptionUpdated,
  SubscriptionDisabled,
  SubscriptionEnabled,
  SubscriptionPaused,
  SubscriptionResumed,
  SubscriptionSecretRotated,
  SubscriptionDeleted,
  SecretLinkCreated,
  SecretLinkUsed,
  AppCreated,
  AppSecretRotated,
  AppDeleted,
  AppGranted,
])

export type SubscriptionSettings = z.infer<typeof SubscriptionSettings>
export type TenantCreated = z.infer<typeof TenantCreated>
export type TenantUpdated = z.infer<typeof TenantUpdated>
export type ProfileCreated = z.infer<typeof ProfileCreated>
export type ProfileUpdated = z.infer<typeof ProfileUpdated>
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>
export type ApiKeyRevoked = z.infer<typeof ApiKeyRevoked>
export type SubscriptionCreated = z.infer<typeof SubscriptionCreated>
export type SubscriptionUpdated = z.infer<typeof SubscriptionUpdated>
export type DisabledReason = z.infer<typeof DisabledReason>
export type SubscriptionDisabled = z.infer<typeof SubscriptionDisabled>
export type SubscriptionEnabled = z.infer<typeof SubscriptionEnabled>
export type SubscriptionPaused = z.infer<typeof SubscriptionPaused>
export type SubscriptionResumed = z.infer<typeof SubscriptionResumed>
export type SubscriptionSecretRotated = z.infer<typeof SubscriptionSecretRotated>
export type SubscriptionDeleted = z.infer<typeof SubscriptionDeleted>
export type SecretLink = z.infer<typeof SecretLink>
export type SecretLinkCreated = z.infer<typeof SecretLinkCreated>
export type SecretLinkUsed = z.infer<typeof SecretLinkUsed>
export type AppCreated = z.infer<typeof AppCreated>
export type AppSecretRotated = z.infer<typeof AppSecretRotated>
export type AppDeleted = z.infer<typeof AppDeleted>
export type AppGranted = z.infer<typeof AppGranted>
export type DomainEvent = z.infer<typeof DomainEvent>
