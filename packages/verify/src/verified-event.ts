import type { CompiledProfile } from './profile/compile-profile.ts'
import type { FactName } from './profile/profile.ts'
import { decodeUtf8 } from './encoding.ts'
import { factsInBody } from './request/read-facts.ts'
import { parseTimestamp } from './request/timestamp.ts'
import type { VerifiedSignature } from './signature/verify-signatures.ts'

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
  /** When it was sent, or, if the profile only tells that, when the event happened. */
  readonly timestamp: Date | undefined
  /** Those of the facts above that came in headers which the signature does not cover. Base no decision on them alone. */
  readonly unsigned: readonly FactName[]
}

/** Puts together what the signature proves (in the signed content or the body) and, failing that, what headers say. */
export function verifiedEvent(
  profile: CompiledProfile,
  { scheme, facts }: VerifiedSignature,
  bytes: Uint8Array,
): VerifiedEvent {
  const text = decodeUtf8(bytes)
  const json = parseJson(text)
  const signed = [...facts].filter(([fact]) => scheme.signedFacts.has(fact))
  const proved = new Map([...factsInBody(profile, json), ...signed])
  const all = new Map([...facts, ...proved])
  const attempt = all.get('attempt')
  const timestamp = all.get('timestamp')
  const timestampMs = timestamp === undefined ? undefined : parseTimestamp(timestamp, profile.timestampFormat)
  return {
    bytes,
    text,
    json,
    type: all.get('event.type'),
    id: all.get('event.id'),
    deliveryId: all.get('delivery.id'),
    attempt: attempt !== undefined && /^\d{1,9}$/.test(attempt) ? Number(attempt) : undefined,
    tenant: all.get('tenant'),
    timestamp: timestampMs === undefined ? undefined : new Date(timestampMs),
    unsigned: [...all.keys()].filter((fact) => !proved.has(fact)),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
