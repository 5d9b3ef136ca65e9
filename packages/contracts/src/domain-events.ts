import { z } from 'zod'
import { TenantId } from './identifiers.ts'

/** What an API key may do: `admin` everything of its tenant, `publisher` publish events, `support` read and replay. */
export const Role = z.enum(['admin', 'publisher', 'support'])

/** AES-256-GCM: `<key id>.<base64url of nonce, ciphertext and tag>`. Only subscriptions and dispatcher can open it. */
export const EncryptedSecret = z.string().brand<'EncryptedSecret'>()

/** What a subscription's owner decides about it. */
export const SubscriptionSettings = z.strictObject({
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  active: z.boolean(),
  /** Overrides of the profile; null leaves them to it. */
  retryScheduleMs: z.array(z.int().min(0)).nullable(),
  timeoutMs: z.int().nullable(),
})

const envelope = {
  tenant: TenantId,
  /** When it was decided, milliseconds since the epoch. */
  at: z.int(),
  /** Who asked for it: `operator` or the id of an API key. */
  by: z.string(),
}

export const TenantCreated = z.object({
  type: z.literal('TenantCreated'),
  ...envelope,
  name: z.string(),
  profile: z.string(),
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
})

export const ApiKeyRevoked = z.object({ type: z.literal('ApiKeyRevoked'), ...envelope, keyId: z.string() })

export const SubscriptionCreated = z.object({
  type: z.literal('SubscriptionCreated'),
  ...envelope,
  subscriptionId: z.string(),
  settings: SubscriptionSettings,
  secret: EncryptedSecret,
})

export const SubscriptionUpdated = z.object({
  type: z.literal('SubscriptionUpdated'),
  ...envelope,
  subscriptionId: z.string(),
  changes: SubscriptionSettings.partial(),
})

export const SubscriptionSecretRotated = z.object({
  type: z.literal('SubscriptionSecretRotated'),
  ...envelope,
  subscriptionId: z.string(),
  secret: EncryptedSecret,
})

export const SubscriptionDeleted = z.object({
  type: z.literal('SubscriptionDeleted'),
  ...envelope,
  subscriptionId: z.string(),
})

/** What CONFIG holds: one domain event per message. */
export const DomainEvent = z.discriminatedUnion('type', [
  TenantCreated,
  ApiKeyCreated,
  ApiKeyRevoked,
  SubscriptionCreated,
  SubscriptionUpdated,
  SubscriptionSecretRotated,
  SubscriptionDeleted,
])

export type Role = z.infer<typeof Role>
export type EncryptedSecret = z.infer<typeof EncryptedSecret>
export type SubscriptionSettings = z.infer<typeof SubscriptionSettings>
export type TenantCreated = z.infer<typeof TenantCreated>
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>
export type ApiKeyRevoked = z.infer<typeof ApiKeyRevoked>
export type SubscriptionCreated = z.infer<typeof SubscriptionCreated>
export type SubscriptionUpdated = z.infer<typeof SubscriptionUpdated>
export type SubscriptionSecretRotated = z.infer<typeof SubscriptionSecretRotated>
export type SubscriptionDeleted = z.infer<typeof SubscriptionDeleted>
export type DomainEvent = z.infer<typeof DomainEvent>
