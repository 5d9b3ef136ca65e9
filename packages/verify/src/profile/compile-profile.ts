import { WebhookVerificationError } from '../error.ts'
import type { FactName, SignatureScheme, TimestampFormat, VerificationProfile } from './profile.ts'
import { isFactName, parseContent, parsePattern, type ContentPart, type FactPattern } from './template.ts'

/** A scheme with its defaults filled in and its templates taken apart. */
export interface CompiledScheme extends Required<Omit<SignatureScheme, 'content' | 'lead' | 'separator'>> {
  readonly separator: string | undefined
  readonly content: readonly ContentPart[]
  /** The parts of the lead that carry a fact. */
  readonly lead: readonly FactPattern[]
  /** The facts that cannot be changed without breaking the signature. */
  readonly signedFacts: ReadonlySet<FactName>
}

export interface CompiledProfile {
  readonly schemes: readonly CompiledScheme[]
  readonly headers: readonly { readonly name: string; readonly pattern: FactPattern }[]
  readonly bodyFields: ReadonlyMap<FactName, readonly string[]>
  readonly timestampFormat: TimestampFormat
  readonly toleranceSeconds: number | undefined
}

/** Throws `malformed_profile`, naming the field, for a document that no request could be verified with. */
export function compileProfile(profile: VerificationProfile): CompiledProfile {
  if (!Array.isArray(profile.signatures) || profile.signatures.length === 0) {
    throw malformed('signatures must be a list of at least one signature scheme')
  }
  const headers = Object.entries(profile.headers ?? {}).flatMap(([name, template]) => {
    const pattern = parsePattern(template)
    return pattern === undefined ? [] : [{ name, pattern }]
  })
  const inHeaders = new Set(headers.map(({ pattern }) => pattern.fact))
  return {
    schemes: profile.signatures.map((scheme, index) => compileScheme(scheme, `signatures[${index}]`, inHeaders)),
    headers,
    bodyFields: compileBodyFields(profile.bodyFields ?? {}),
    timestampFormat: oneOf(profile.timestampFormat ?? 'seconds', timestampFormats, 'timestampFormat'),
    toleranceSeconds: profile.toleranceSeconds,
  }
}

const algorithms = ['hmac-sha256', 'hmac-sha512', 'ed25519'] as const
const encodings = ['hex', 'base64'] as const
const secretEncodings = ['utf8', 'hex', 'base64'] as const
const timestampFormats = ['seconds', 'milliseconds', 'iso'] as const

function compileScheme(scheme: SignatureScheme, field: string, inHeaders: ReadonlySet<FactName>): CompiledScheme {
  if (typeof scheme.header !== 'string' || scheme.header === '') throw malformed(`${field}.header must name a header`)
  const algorithm = oneOf(scheme.algorithm, algorithms, `${field}.algorithm`)
  const secretEncoding = oneOf(scheme.secretEncoding ?? 'utf8', secretEncodings, `${field}.secretEncoding`)
  if (algorithm === 'ed25519' && secretEncoding === 'utf8') {
    throw malformed(`${field}.secretEncoding must be hex or base64 for ed25519: a public key has 32 bytes of any value`)
  }
  if (/[{}]/.test(scheme.prefix ?? ''))
    throw malformed(`${field}.prefix must be plain text; facts belong in ${field}.lead`)
  const lead = compileLead(scheme, field)
  const content = parseContent(scheme.content ?? '{body}', `${field}.content`)
  if (!content.some(({ kind }) => kind === 'body')) throw malformed(`${field}.content must contain {body}`)
  const signedFacts = new Set(content.flatMap((part) => (part.kind === 'fact' ? part.fact : [])))
  for (const fact of signedFacts) {
    if (inHeaders.has(fact) || lead.some((pattern) => pattern.fact === fact)) continue
    throw malformed(`${field}.content has {${fact}}, but neither headers nor ${field}.lead says where it is`)
  }
  return {
    header: scheme.header,
    algorithm,
    encoding: oneOf(scheme.encoding, encodings, `${field}.encoding`),
    prefix: scheme.prefix ?? '',
    separator: scheme.separator === '' ? undefined : scheme.separator,
    secretEncoding,
    secretPrefix: scheme.secretPrefix ?? '',
    publicKeyPrefix: scheme.publicKeyPrefix ?? '',
    content,
    lead,
    signedFacts,
  }
}

function compileLead({ lead = '', separator }: SignatureScheme, field: string): FactPattern[] {
  if (lead === '') return []
  if (separator === undefined || separator === '' || !lead.endsWith(separator)) {
    throw malformed(`${field}.lead must end with ${field}.separator, which parts it from the signatures`)
  }
  return lead.split(separator).flatMap((part) => parsePattern(part) ?? [])
}

function compileBodyFields(fields: NonNullable<VerificationProfile['bodyFields']>): Map<FactName, string[]> {
  const paths = Object.entries(fields).map(([fact, path]): [FactName, string[]] => {
    if (!isFactName(fact)) throw malformed(`bodyFields.${fact} is no fact`)
    return [fact, path.split('.')]
  })
  return new Map(paths)
}

function oneOf<const T extends string>(value: string, allowed: readonly T[], field: string): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw malformed(`${field} must be ${allowed.join(' or ')}, not ${JSON.stringify(value)}`)
  return found
}

function malformed(message: string): WebhookVerificationError {
  return new WebhookVerificationError('malformed_profile', `${message}.`)
}
