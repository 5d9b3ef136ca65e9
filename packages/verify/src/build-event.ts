import { decodeUtf8 } from './encoding.ts'
import type { CompiledProfile } from './profile/compile-profile.ts'
import type { TimestampFormat } from './profile/profile.ts'
import { formatOf, isTimeFact, timeFacts } from './profile/time-facts.ts'
import { factsInBody, type Facts } from './request/read-facts.ts'
import { parseTimestamp } from './request/timestamp.ts'
import type { VerifiedSignature } from './signature/verify-signatures.ts'
import type { VerifiedEvent } from './verified-event.ts'

/** Puts together what the signature proves (in the signed content or the body) and, failing that, what headers say. */
export function buildEvent(
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
  return {
    bytes,
    text,
    json,
    type: all.get('event.type'),
    id: all.get('event.id'),
    deliveryId: all.get('delivery.id'),
    attempt: attempt !== undefined && /^\d{1,9}$/.test(attempt) ? Number(attempt) : undefined,
    tenant: all.get('tenant'),
    timestamp: timestampIn(proved, profile.timestampFormat),
    unsigned: [...all.keys()].filter((fact) => !proved.has(fact) && !isTimeFact(fact)),
  }
}

/** Only of what is proved: a time that anybody can set says nothing. */
function timestampIn(proved: Facts, format: TimestampFormat): Date | undefined {
  const fact = timeFacts.find((candidate) => proved.has(candidate))
  if (fact === undefined) return undefined
  const timeMs = parseTimestamp(proved.get(fact) ?? '', formatOf(fact, format))
  return timeMs === undefined ? undefined : new Date(timeMs)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
