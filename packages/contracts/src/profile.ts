import { z } from 'zod'
import { EventType } from './identifiers.ts'

/** One event type of a catalogue. */
export const CatalogueEntry = z.strictObject({
  name: EventType,
  description: z.string().min(1).describe('When it is fired.'),
})

/**
 * A header value with placeholders: `{event.id}`, `{event.type}`, `{delivery.id}`, `{attempt}`, `{tenant}`,
 * `{timestamp}` (whole seconds since the epoch) and, in a signature's content, `{body}`.
 */
const Template = z.string()
const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be an HTTP field name (RFC 9110, 5.1)')

export const SignatureScheme = z.strictObject({
  header: HeaderName,
  algorithm: z.enum(['hmac-sha256', 'hmac-sha512']),
  encoding: z.enum(['hex', 'base64']),
  prefix: z.string().default('').describe('Put before the encoded signature, for example "sha256=".'),
  content: Template.default('{body}').describe('What is signed.'),
})

/** When a failed delivery is attempted again: one delay per retry, after the last one it is given up. */
export const RetryPolicy = z.strictObject({
  delaysMs: z.array(z.int().min(0)).max(50),
  jitter: z.number().min(0).max(1).describe('Each delay is lengthened by a random part of up to this share of it.'),
})

/** How a tenant's webhooks look on the wire and behave: data, not code. */
export const Profile = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  description: z.string(),
  apiKey: z.strictObject({
    header: HeaderName,
    prefix: z.string(),
  }),
  secret: z.strictObject({
    prefix: z.string(),
    bytes: z.int().min(16).max(64),
  }),
  eventTypes: z.array(CatalogueEntry),
  headers: z.record(HeaderName, Template),
  signatures: z.array(SignatureScheme).min(1),
  success: z.enum(['2xx', '200']),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(60_000)
    .describe('One deadline for the whole attempt, connecting and body included.'),
  retry: RetryPolicy,
  concurrency: z.int().min(1).describe('Attempts at one subscription at the same time.'),
})

export type CatalogueEntry = z.infer<typeof CatalogueEntry>
export type SignatureScheme = z.infer<typeof SignatureScheme>
export type RetryPolicy = z.infer<typeof RetryPolicy>
export type Profile = z.infer<typeof Profile>
