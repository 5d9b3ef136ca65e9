import type { FactName } from './profile/profile.ts'

/** A webhook whose signature is right. What the profile or this request does not say is `undefined`. */
export interface VerifiedEvent {
  /** The body as it came, and as it was signed. */
  readonly bytes: Uint8Array
  /** The body as text. */
  readonly text: string
  /** The parsed body; `undefined` when it is not JSON. Numbers beyond 2^53 lose digits here, not in `text`. */
  readonly json: unknown
  readonly type: string | undefined
  /** The event's id, the same in every attempt and to every subscription. */
  readonly id: string | undefined
  /** The id of this event's delivery to this subscription, the same in every attempt. */
  readonly deliveryId: string | undefined
  /** From 1. */
  readonly attempt: number | undefined
  readonly tenant: string | undefined
  /** When it was sent, or, if the profile only tells that, when the event happened. Always covered by the signature. */
  readonly timestamp: Date | undefined
  /** Those of the facts above that came in headers which the signature does not cover. Base no decision on them alone. */
  readonly unsigned: readonly FactName[]
}
