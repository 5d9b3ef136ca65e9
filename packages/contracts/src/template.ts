import { z } from 'zod'
import { HeaderValue } from './http-fields.ts'

/**
 * What templates may name in braces. Times: `event.time.*` is when the event was accepted (`iso` with milliseconds,
 * `isoSeconds` like 2025-02-01T14:30:00Z, `epoch` in whole seconds, `epochMs`), `timestamp` when this attempt is made
 * (whole seconds since the epoch).
 */
export const factPlaceholders = [
  'tenant',
  'event.id',
  'event.type',
  'event.time.iso',
  'event.time.isoSeconds',
  'event.time.epoch',
  'event.time.epochMs',
  'delivery.id',
  'attempt',
  'timestamp',
] as const
export type FactPlaceholder = (typeof factPlaceholders)[number]

/** Whatever stands in braces is a placeholder; but in a JSON text, only what cannot be JSON. */
export const placeholderPattern = {
  line: /\{([^{}]*)\}/g,
  json: /\{([A-Za-z][\w.]*)\}/g,
} as const

const templateOf = (
  text: z.ZodType<string, string>,
  pattern: RegExp,
  known: readonly string[],
): z.ZodType<string, string> =>
  text.superRefine((template, context) => {
    for (const [whole, name = ''] of template.matchAll(pattern)) {
      if (known.includes(name)) continue
      context.addIssue({ code: 'custom', message: `unknown placeholder ${whole}; there are {${known.join('}, {')}}` })
      return
    }
  })

/** The value of a header. */
export const HeaderTemplate: z.ZodType<string, string> = templateOf(
  HeaderValue,
  placeholderPattern.line,
  factPlaceholders,
)

/** What is signed: `{body}` is the request's body, byte for byte. */
export const SignedContentTemplate: z.ZodType<string, string> = templateOf(
  z.string().min(1).max(1_024),
  placeholderPattern.line,
  [...factPlaceholders, 'body'],
)

/** What stands before the signatures in their header; it may end with a space. */
export const HeaderLeadTemplate: z.ZodType<string, string> = templateOf(
  z
    .string()
    .max(256)
    .regex(/^([\x21-\x7e][\x20-\x7e]*)?$/, 'must be printable ASCII that does not begin with a space'),
  placeholderPattern.line,
  factPlaceholders,
)

/** The text of a body around the payload: `{payload}` is what the producer published, byte for byte. */
export const EnvelopeTemplate: z.ZodType<string, string> = templateOf(z.string().max(16_384), placeholderPattern.json, [
  ...factPlaceholders,
  'payload',
])
