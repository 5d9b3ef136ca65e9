import { concatBytes, encodeUtf8 } from '../encoding.ts'
import { WebhookVerificationError } from '../error.ts'
import type { CompiledProfile, CompiledScheme } from '../profile/compile-profile.ts'
import { formatOf, isTimeFact } from '../profile/time-facts.ts'
import { factsInHeaders, type Facts } from '../request/read-facts.ts'
import type { HeaderLookup } from '../request/read-headers.ts'
import { expectTimestamp } from '../request/timestamp.ts'
import { parseSignatures } from './parse-signatures.ts'
import type { VerificationKey } from './verification-key.ts'

/** A profile and the keys of those of its schemes that the receiver has a secret for. */
export interface KeyedProfile {
  readonly profile: CompiledProfile
  readonly keys: ReadonlyMap<CompiledScheme, readonly VerificationKey[]>
}

export interface VerifiedSignature {
  readonly scheme: CompiledScheme
  /** The facts beside the body. Only `scheme.signedFacts` of them are proved by the signature. */
  readonly facts: Facts
}

/** Resolves with the first signature that is right, else throws the first of: missing header, malformed, mismatch. */
export async function verifySignatures(
  { profile, keys }: KeyedProfile,
  header: HeaderLookup,
  body: Uint8Array<ArrayBuffer>,
): Promise<VerifiedSignature> {
  const found: string[] = []
  let wellFormed = 0
  for (const [scheme, schemeKeys] of keys) {
    const value = header(scheme.header)
    if (value === undefined) continue
    found.push(scheme.header)
    const parsed = parseSignatures(scheme, value)
    if (parsed.signatures.length === 0) continue
    wellFormed += parsed.signatures.length
    const facts = new Map([...factsInHeaders(profile, header), ...parsed.facts])
    const content = signedContent(profile, scheme, facts, body)
    for (const signature of parsed.signatures) {
      for (const key of schemeKeys) {
        if (await key.matches(signature, content)) return { scheme, facts }
      }
    }
  }
  if (wellFormed === 0) throw malformedSignature(keys, found)
  throw new WebhookVerificationError(
    'signature_mismatch',
    `No signature in ${found.join(' or ')} is right. Either the secret is not this endpoint's, or the body is not byte for byte the one that was sent.`,
  )
}

/** Whether the request has the header of a scheme that the receiver has a secret for. */
export function hasSignature({ keys }: KeyedProfile, header: HeaderLookup): boolean {
  return [...keys.keys()].some((scheme) => header(scheme.header) !== undefined)
}

function signedContent(
  profile: CompiledProfile,
  scheme: CompiledScheme,
  facts: Facts,
  body: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const parts = scheme.content.map((part) => {
    if (part.kind === 'body') return body
    if (part.kind === 'text') return encodeUtf8(part.text)
    const text = facts.get(part.fact)
    if (text === undefined) throw missingFact(profile, scheme, part.fact)
    if (isTimeFact(part.fact)) expectTimestamp(text, formatOf(part.fact, profile.timestampFormat))
    return encodeUtf8(text)
  })
  return parts.length === 1 && parts[0] === body ? body : concatBytes(parts)
}

function missingFact(profile: CompiledProfile, scheme: CompiledScheme, fact: string): WebhookVerificationError {
  const header = profile.headers.find(({ pattern }) => pattern.fact === fact)?.name
  return header === undefined
    ? new WebhookVerificationError('malformed_signature', `${scheme.header} has no ${fact}.`)
    : new WebhookVerificationError('missing_header', `The request has no ${header} header with the ${fact}.`)
}

function malformedSignature(keys: KeyedProfile['keys'], found: readonly string[]): WebhookVerificationError {
  const schemes = [...keys.keys()].filter(({ header }) => found.includes(header))
  const expected = schemes.map(({ prefix, encoding, algorithm }) => `${prefix}<${algorithm} in ${encoding}>`)
  return new WebhookVerificationError(
    'malformed_signature',
    `${found.join(' or ')} has no signature of the form ${expected.join(' or ')}.`,
  )
}
