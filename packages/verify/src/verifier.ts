import { buildEvent } from './build-event.ts'
import { WebhookVerificationError } from './error.ts'
import { compileProfile, type CompiledProfile } from './profile/compile-profile.ts'
import type { FactName, VerificationProfile } from './profile/profile.ts'
import { shippedProfiles, type ProfileName } from './profile/shipped-profiles.ts'
import { timeFacts } from './profile/time-facts.ts'
import { bodyNotRaw, readBody } from './request/read-body.ts'
import { readHeaders, type HeaderLookup } from './request/read-headers.ts'
import type { HeadersInput, RawBody, RequestLike } from './request/request.ts'
import { checkTolerance } from './request/timestamp.ts'
import { readSecrets } from './signature/read-secrets.ts'
import { hasSignature, verifySignatures, type KeyedProfile } from './signature/verify-signatures.ts'
import type { VerifiedEvent } from './verified-event.ts'

export interface VerifierOptions {
  /** Whose webhooks: a name, or a document that describes them. */
  readonly profile: ProfileName | VerificationProfile
  /**
   * The secret (for `whpk_`, the public key). Several while one is rotated: any of them may have signed.
   * `undefined`, an environment variable that is not set, is refused.
   */
  readonly secret: string | readonly string[] | undefined
  /**
   * How far from now the webhook's timestamp may be, both ways, in seconds; `Infinity` for no matter how far.
   * The profile's own when not given, which is 300 for `standard` and `svix`, and none for the others.
   */
  readonly toleranceSeconds?: number
  /** The time in milliseconds since the epoch, for tests. */
  readonly now?: () => number
}

/** Both reject with a `WebhookVerificationError` when the webhook cannot be trusted. */
export interface Verifier {
  verify(request: { readonly headers: HeadersInput; readonly body: RawBody }): Promise<VerifiedEvent>
  /** Reads the request's body; what it held is in the result. */
  verifyRequest(request: RequestLike): Promise<VerifiedEvent>
}

/** Make one and keep it. Throws a `WebhookVerificationError` at once when secret, profile or tolerance cannot work. */
export function createVerifier({ profile, secret, toleranceSeconds, now = Date.now }: VerifierOptions): Verifier {
  const secrets = typeof secret === 'string' || !secret ? [secret] : secret
  const alternatives = documentsOf(profile).map((document): KeyedProfile => {
    const compiled = withTolerance(compileProfile(document), toleranceSeconds)
    return { profile: compiled, keys: readSecrets(compiled.schemes, secrets) }
  })

  function alternativeFor(header: HeaderLookup): KeyedProfile {
    const found = alternatives.find((alternative) => hasSignature(alternative, header))
    if (found) return found
    throw missingSignature(alternatives)
  }

  async function verifyBody(keyed: KeyedProfile, header: HeaderLookup, body: unknown): Promise<VerifiedEvent> {
    const bytes = readBody(body)
    const event = buildEvent(keyed.profile, await verifySignatures(keyed, header, bytes), bytes)
    const tolerance = keyed.profile.toleranceSeconds
    if (tolerance !== undefined) checkTolerance(event.timestamp?.getTime(), tolerance, now())
    return event
  }

  return {
    async verify({ headers, body }) {
      const header = readHeaders(headers)
      return verifyBody(alternativeFor(header), header, body)
    },
    async verifyRequest(request) {
      const header = readHeaders(request.headers)
      const keyed = alternativeFor(header)
      if (request.bodyUsed) throw bodyNotRaw('The body of the request was read before verifyRequest could')
      return verifyBody(keyed, header, await request.arrayBuffer())
    },
  }
}

function documentsOf(profile: ProfileName | VerificationProfile): readonly VerificationProfile[] {
  if (typeof profile === 'object' && profile !== null) return [profile]
  if (Object.hasOwn(shippedProfiles, profile)) return shippedProfiles[profile]
  const known = Object.keys(shippedProfiles).join(', ')
  throw new WebhookVerificationError(
    'unknown_profile',
    `There is no profile ${JSON.stringify(profile)}, only ${known}.`,
  )
}

/** Refuses a tolerance on a time that anybody can set: it would only look like a protection. */
function withTolerance(profile: CompiledProfile, asked: number | undefined): CompiledProfile {
  const toleranceSeconds = asked ?? profile.toleranceSeconds
  if (toleranceSeconds === undefined || toleranceSeconds === Infinity)
    return { ...profile, toleranceSeconds: undefined }
  if (typeof toleranceSeconds !== 'number' || !(toleranceSeconds > 0)) {
    const message = 'toleranceSeconds must be more than 0; Infinity switches the check off.'
    throw new WebhookVerificationError('malformed_tolerance', message)
  }
  const { schemes, bodyFields } = profile
  const hasTime = (facts: ReadonlySet<FactName>): boolean => timeFacts.some((fact) => facts.has(fact))
  if (hasTime(new Set(bodyFields.keys())) || schemes.every(({ signedFacts }) => hasTime(signedFacts))) {
    return { ...profile, toleranceSeconds }
  }
  const message = 'toleranceSeconds cannot be checked: webhooks of this profile have no signed timestamp.'
  throw new WebhookVerificationError('malformed_tolerance', message)
}

function missingSignature(alternatives: readonly KeyedProfile[]): WebhookVerificationError {
  const names = alternatives.flatMap(({ keys }) => [...keys.keys()].map(({ header }) => header))
  return new WebhookVerificationError(
    'missing_header',
    `The request has no ${[...new Set(names)].join(' or ')} header.`,
  )
}
