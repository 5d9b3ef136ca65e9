import { z } from 'zod'
import { RateLimit } from './delivery-rules.ts'
import { EventType } from './identifiers.ts'
import { hasDistinctNames, HeaderName } from './http-fields.ts'
import { isOperationalEventType } from './operational-events.ts'
import { Role } from './roles.ts'
import {
  EnvelopeTemplate,
  factPlaceholders,
  HeaderLeadTemplate,
  HeaderTemplate,
  SignedContentTemplate,
} from './template.ts'

const days = 86_400_000

export const ProfileName: z.ZodType<string, string> = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and "-", starting with a letter')

/** One event type of a catalogue. */
export const CatalogueEntry = z.strictObject({
  name: EventType,
  description: z.string().max(1_000).default('').describe('When it is fired.'),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('A JSON Schema (draft 2020-12) that payloads must match; others are refused as payload_invalid.'),
  scope: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('For subscriptions of an app: the scope that the event’s user must have granted the app.'),
})

/** `payload`: the producer's bytes as they are. Else a JSON text with placeholders, the payload put in byte for byte. */
export const BodyRule = z.union([
  z.literal('payload'),
  z.strictObject({
    envelope: EnvelopeTemplate.describe(
      'A JSON text such as {"id":"{event.id}","type":"{event.type}","data":{payload}}: values are escaped for strings.',
    ),
  }),
])

/**
 * One signature. Those with the same header are put together in it. A signature whose key a subscription does not
 * have is left out: `account` is for subscriptions of the account itself, `app` for those of an app. Where there are
 * several, `secretPrefix` says which of them a secret is for; a secret with none of the prefixes is for those without
 * one, else for the first.
 */
export const SignatureScheme = z.strictObject({
  header: HeaderName,
  algorithm: z.enum(['hmac-sha256', 'hmac-sha512', 'ed25519']),
  encoding: z.enum(['hex', 'base64']),
  prefix: HeaderTemplate.default('').describe('Put before each signature, for example "sha256=" or "v1,".'),
  content: SignedContentTemplate.default('{body}').describe('What is signed, for example {timestamp}.{body}.'),
  separator: z
    .string()
    .max(8)
    .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')
    .default('')
    .describe(
      'Put between several signatures, while a secret is rotated for example: a space or a comma. Without it only the newest is sent.',
    ),
  lead: HeaderLeadTemplate.default('').describe(
    'Put before the first signature, for example "t={timestamp},". It ends with the separator.',
  ),
  key: z
    .enum(['subscription', 'account', 'app'])
    .default('subscription')
    .describe('The subscription’s secret, the account’s primary API key, or the signing secret of the app.'),
  secretEncoding: z
    .enum(['utf8', 'base64', 'hex'])
    .default('utf8')
    .describe('How the text of the secret becomes the key. One that is not of this encoding is taken as UTF-8.'),
  secretPrefix: z
    .string()
    .max(32)
    .default('')
    .describe('Taken off the secret before it is decoded, for example whsec_.'),
  publicKeyPrefix: z.string().max(32).default('').describe('ed25519: put before the public key that receivers get.'),
})

/** When a failed delivery is attempted again: one delay per retry, after the last one it is given up. */
export const RetryPolicy = z.strictObject({
  delaysMs: z
    .array(
      z
        .int()
        .min(0)
        .max(7 * days),
    )
    .max(50)
    .describe('The delay before each retry; the last one repeats for ordered subscriptions that skip nothing.'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Each delay is lengthened by a random part of up to this share of it.'),
})

/** When a subscription that keeps failing is disabled, and when its owner hears that it may be. */
export const DisablePolicy = z.strictObject({
  consecutiveFailures: z.int().min(1).describe('Failed attempts in a row, over all its deliveries.'),
  minimumSpanMs: z
    .int()
    .min(0)
    .default(0)
    .describe('And at least so long since the first of them, so that a short outage under load disables nothing.'),
  noticeAtPercent: z
    .array(z.int().min(1).max(99))
    .max(10)
    .default([50, 75, 90])
    .describe(
      'At which shares of the threshold a notice goes out; none while one or two events alone fail, which disables nothing.',
    ),
})

const fields = z.strictObject({
  version: z.literal(1).default(1).describe('Of this document’s form.'),
  name: ProfileName,
  description: z.string().max(1_000).default(''),

  eventTypes: z.array(CatalogueEntry).max(1_000).describe('The catalogue.'),
  catalogue: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe('closed: only these event types may be published. open: others, too; these are described.'),
  filter: z
    .enum(['names', 'wildcards', 'none'])
    .default('names')
    .describe('How subscriptions choose events: by name; by name, * or user.*; or not at all: they get every event.'),

  body: BodyRule.default('payload'),
  userAgent: HeaderTemplate.default('Jethook/1'),
  headers: z
    .record(HeaderName, HeaderTemplate)
    .default({})
    .refine(hasDistinctNames, 'must not name a header twice: upper and lower case do not matter'),
  signatures: z.array(SignatureScheme).min(1).max(10),

  success: z.enum(['2xx', '200']).default('2xx').describe('Which answers count as delivered.'),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(60_000)
    .default(30_000)
    .describe('One deadline for the whole attempt, connecting and body included.'),
  retry: RetryPolicy.prefault({
    delaysMs: [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000],
  }),
  concurrency: z.int().min(1).max(1_000).default(10).describe('Attempts at one subscription at the same time.'),
  rateLimit: RateLimit.nullable().default(null).describe('Attempts at one subscription per second; null: any number.'),
  circuitBreaker: z
    .boolean()
    .default(true)
    .describe('Whether deliveries wait, without using up attempts, while an endpoint only fails.'),
  ordered: z
    .boolean()
    .default(false)
    .describe('Whether new subscriptions get their events in order unless they say otherwise.'),
  disable: DisablePolicy.nullable().default(null).describe('null: never.'),

  limits: z
    .strictObject({
      subscriptions: z.int().min(1).nullable().default(null).describe('At most so many per tenant; null: any number.'),
      singleInstance: z
        .array(EventType)
        .default([])
        .describe('Event types that only one subscription may have at a time.'),
    })
    .prefault({}),
  api: z
    .enum(['lucra', 'lumin-sign', 'lumoauth'])
    .nullable()
    .default(null)
    .describe('A provider’s own API that the tenant has beside /v1, with the paths and field names of its page.'),
  httpsOnly: z.boolean().default(false).describe('Whether destinations must be https.'),
  writers: z.array(Role).min(1).default(['admin']).describe('The roles whose API keys may change subscriptions.'),

  apiKey: z
    .strictObject({
      header: HeaderName.default('X-API-Key'),
      prefix: z.string().max(32).default('jh_'),
    })
    .prefault({}),
  secret: z
    .strictObject({
      prefix: z.string().max(32).default(''),
      bytes: z.int().min(16).max(64).default(32),
      encoding: z.enum(['hex', 'base64', 'base64url']).default('hex'),
      supplied: z.boolean().default(false).describe('Whether who subscribes may bring the secret.'),
      shown: z
        .enum(['answer', 'link'])
        .default('answer')
        .describe('Where a new secret is shown: in the answer, or only behind a link that works once.'),
      overlapMs: z
        .int()
        .min(0)
        .max(30 * days)
        .default(days)
        .describe('How long the former secret signs along after a rotation.'),
    })
    .prefault({}),

  userPointer: z
    .string()
    .max(256)
    .regex(/^(\/([^~/]|~[01])*)+$/, 'must be a JSON Pointer (RFC 6901) like /properties/userId')
    .nullable()
    .default(null)
    .describe('Where payloads name the user that they are about, for subscriptions of apps: a JSON Pointer.'),

  bodyFields: z
    .partialRecord(z.enum(factPlaceholders), z.string())
    .optional()
    .describe('For receivers: where the body says what, for example "event.type": "event.event_type".'),
  timestampFormat: z.enum(['seconds', 'milliseconds', 'iso']).optional().describe('For receivers: of the timestamp.'),
  toleranceSeconds: z.int().min(1).optional().describe('For receivers: how far from now the timestamp may be.'),
})
type Fields = z.output<typeof fields>

/** How a tenant's webhooks look on the wire and behave: data, not code. Only name, eventTypes and signatures must be given. */
export const Profile = fields.superRefine((profile, context) => {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path: [...path], message })
  checkCatalogue(profile, report)
  checkHeaders(profile, report)
  checkSecrets(profile, report)
})

type Report = (path: readonly PropertyKey[], message: string) => void

function checkCatalogue(profile: Fields, report: Report): void {
  const names = profile.eventTypes.map(({ name }) => name)
  if (names.length === 0 && profile.catalogue === 'closed')
    report(['eventTypes'], 'must name at least one event type, unless the catalogue is "open"')
  for (const [index, name] of names.entries()) {
    if (isOperationalEventType(name)) report(['eventTypes', index, 'name'], `"${name}" is what Jethook itself tells`)
    if (names.indexOf(name) < index) report(['eventTypes', index, 'name'], `"${name}" stands there twice`)
  }
  for (const [index, name] of profile.limits.singleInstance.entries()) {
    if (!names.includes(name)) report(['limits', 'singleInstance', index], `"${name}" is not in eventTypes`)
  }
}

/** Signatures may share a header when they agree on how it is put together; nothing else may. */
function checkHeaders(profile: Fields, report: Report): void {
  const own = new Set(Object.keys(profile.headers).map((name) => name.toLowerCase()))
  for (const name of Object.keys(profile.headers)) {
    if (name.toLowerCase() === 'user-agent') report(['headers', name], 'is what userAgent is for')
  }
  for (const [index, scheme] of profile.signatures.entries()) {
    const header = scheme.header.toLowerCase()
    if (own.has(header)) report(['signatures', index, 'header'], 'is among headers, too')
    const first = profile.signatures.find((other) => other.header.toLowerCase() === header) ?? scheme
    if (first.separator !== scheme.separator || first.lead !== scheme.lead)
      report(['signatures', index, 'header'], 'is shared: separator and lead must be those of the first one with it')
    if (scheme.lead && (!scheme.separator || !scheme.lead.endsWith(scheme.separator)))
      report(['signatures', index, 'lead'], 'must end with the separator, which parts it from the signatures')
    if (scheme.algorithm === 'ed25519' && scheme.secretEncoding === 'utf8')
      report(['signatures', index, 'secretEncoding'], 'must be base64 or hex for an ed25519 key')
  }
}

/** Secrets that are made have to be what signatures take them for. */
function checkSecrets({ signatures, secret }: Fields, report: Report): void {
  const wanted = signatures.find(
    ({ algorithm, key, secretEncoding }) =>
      algorithm !== 'ed25519' &&
      key === 'subscription' &&
      secretEncoding !== 'utf8' &&
      secretEncoding !== secret.encoding,
  )
  if (wanted) report(['secret', 'encoding'], `must be ${wanted.secretEncoding}, the secretEncoding of a signature`)
}

export type CatalogueEntry = z.infer<typeof CatalogueEntry>
export type SignatureScheme = z.infer<typeof SignatureScheme>
export type RetryPolicy = z.infer<typeof RetryPolicy>
export type DisablePolicy = z.infer<typeof DisablePolicy>
export type Profile = z.infer<typeof Profile>
/** A profile as it is written: with what has a default left out. */
export type ProfileDocument = z.input<typeof Profile>
