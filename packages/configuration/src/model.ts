import type { DisabledReason, EncryptedSecret, Profile, Role, SubscriptionSettings } from '@jethook/contracts'

/** A company that offers webhooks. Times are milliseconds since the epoch. */
export interface Tenant {
  readonly id: string
  readonly name: string
  /** Name of its profile. */
  readonly profile: string
  /** Who is written to about its webhooks. */
  readonly contactEmail: string | null
  readonly createdAt: number
}

/** A profile that was written through the API. */
export interface StoredProfile {
  readonly name: string
  /** Its tenant, or `sharedOwner`. */
  readonly owner: string
  readonly document: Profile
  readonly createdAt: number
  readonly updatedAt: number
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
  /** The key itself, where it is or was the account's primary key. */
  readonly primary?: EncryptedSecret | undefined
}

/** A secret that was replaced and still signs along. */
export interface PreviousSecret {
  readonly secret: EncryptedSecret
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** The link that shows a subscription's present secret, once. */
export interface SecretLinkState {
  /** SHA-256 of its token, hex. */
  readonly tokenHash: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly usedAt: number | null
}

/** A customer's URL with its choice of events and its settings. */
export interface Subscription extends SubscriptionSettings {
  readonly id: string
  readonly tenant: string
  readonly secret: EncryptedSecret
  readonly previousSecret?: PreviousSecret | undefined
  /** Of an ed25519 secret: what receivers verify with. */
  readonly publicKey?: string | undefined
  /** The latest one, where secrets are shown by link. */
  readonly secretLink?: SecretLinkState | undefined
  /** Why Jethook disabled it; then it is not active. */
  readonly disabled?: Disabled | undefined
  /** Its deliveries are kept until it is resumed. */
  readonly paused?: boolean | undefined
  /**
   * It is or was ordered: events after this sequence of EVENTS are delivered by who keeps order, who also knows how
   * far that got. That stays so when it is ordered no longer.
   */
  readonly inOrderFrom?: number | undefined
  /** Of such a one: what it chose before, the latest last. Events that were accepted then may wait for their turn still. */
  readonly formerChoices?: readonly FormerChoice[] | undefined
  /** Since when it is active, or has this URL if that is later; what attempts show that began before does not count. */
  readonly activeSince: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface FormerChoice {
  /** None while it was not active. */
  readonly events: readonly string[]
  /** The sequence of CONFIG with which it ended. */
  readonly until: number
}

export interface Disabled {
  readonly reason: DisabledReason
  readonly at: number
  /** The first of the failures since the last success. */
  readonly firstFailureAt: number | null
  /** Failed attempts since the last success. */
  readonly failures: number
}

/** An app that users of a tenant may let have their events. */
export interface App {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly secret: EncryptedSecret
  readonly previousSecret?: PreviousSecret | undefined
  readonly scopes: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
}
