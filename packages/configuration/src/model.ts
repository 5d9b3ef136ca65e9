import type { EncryptedSecret, Role, SubscriptionSettings } from '@jethook/contracts'

/** A company that offers webhooks. Times are milliseconds since the epoch. */
export interface Tenant {
  readonly id: string
  readonly name: string
  /** Name of its profile. */
  readonly profile: string
  readonly createdAt: number
}

export interface ApiKey {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly role: Role
  /** SHA-256, hex. */
  readonly hash: string
  readonly hint: string
  readonly createdAt: number
  readonly revokedAt: number | null
}

/** A customer's URL with its choice of events and its settings. */
export interface Subscription extends SubscriptionSettings {
  readonly id: string
  readonly tenant: string
  readonly secret: EncryptedSecret
  readonly createdAt: number
  readonly updatedAt: number
}
