import { z } from 'zod'
import { deliveryRules } from '../delivery-rules.ts'
import { DisabledReason } from '../domain-events.ts'
import { CustomHeaders, maskedHeader } from '../http-fields.ts'
import {
  AuthenticationInput,
  AuthenticationResource,
  ClientCertificateInput,
  ClientCertificateResource,
} from './credentials.ts'
import { DestinationUrl } from './destination-url.ts'

/** What is signed with: a shared secret, or a private key. */
const SecretKind = z.enum(['hmac', 'ed25519'])

const EventChoice = z
  .array(z.string())
  .min(1, 'must name at least one event of the catalogue')
  .max(500)
  .describe('Event types of the catalogue.')

/** RFC 3339, as people write it; milliseconds since the epoch in domain events. */
export const ApiTime: z.ZodType<string, string> = z.iso
  .datetime({ offset: true })
  // In UTC, where answers have it, the year may be another one, and RFC 3339 knows none of five digits.
  .refine((time) => !(Date.parse(time) >= Date.UTC(10_000)), 'must lie before the year 10000 in UTC')

/** Every header that cannot be added is told by its name. Masked values are not looked at: they keep what is there. */
export const ApiCustomHeaders: z.ZodType<Record<string, string>, Record<string, string>> = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    const given = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === maskedHeader ? '' : value]),
    )
    for (const { path, message, ...issue } of CustomHeaders.safeParse(given).error?.issues ?? []) {
      const nested = 'issues' in issue ? (issue.issues[0]?.message ?? message) : message
      context.addIssue({ code: 'custom', path, message: nested, params: { code: 'invalid_header' } })
    }
  })

/** Names are shown, values are not. */
export const MaskedHeaders = z
  .record(z.string(), z.string())
  .describe(`The names of the headers; each value is shown as ${maskedHeader}.`)

const settings = {
  description: z.string().max(1_000).nullable(),
  active: z.boolean().describe('Whether events are delivered. An inactive subscription gets none, not even later.'),
  retryScheduleMs: z
    .array(
      z
        .int()
        .min(0)
        .max(7 * 86_400_000),
    )
    .max(50)
    .nullable()
    .describe(
      'Delay before each retry in milliseconds, instead of the profile’s; [] never retries; null resets. Ordered, and with whenStuck block, the last one repeats until the event is delivered; where there is none, it is a minute.',
    ),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(60_000)
    .nullable()
    .describe(
      'Deadline of one attempt in milliseconds, connecting and body included, instead of the profile’s; null resets.',
    ),
  ...deliveryRules,
  name: z.string().max(200).nullable(),
  customHeaders: ApiCustomHeaders.describe(
    `Added to each request. They cannot replace what every request has. Written, not read: answers show ${maskedHeader} for each value, which, written back, keeps it.`,
  ),
  expiresAt: ApiTime.nullable().describe('From then on nothing is delivered, retries included; null: for ever.'),
  alsoSignAs: z
    .array(z.string())
    .max(3)
    .describe(
      'Further profiles whose headers and signatures each request carries too, made with the same secret: to move receivers from one to another.',
    ),
}

/** Secrets go in and never come out. */
const credentials = {
  authentication: AuthenticationInput.nullable().describe(
    'How requests authenticate themselves at the URL, in the Authorization header; null: not at all.',
  ),
  clientCertificate: ClientCertificateInput.nullable().describe(
    'What requests show a URL that asks for a client certificate in TLS; null: none.',
  ),
}

export const CreateSubscription = z.strictObject({
  url: DestinationUrl,
  events: EventChoice,
  description: settings.description.default(null),
  active: settings.active.default(true),
  retryScheduleMs: settings.retryScheduleMs.default(null),
  timeoutMs: settings.timeoutMs.default(null),
  concurrency: settings.concurrency.default(null),
  rateLimit: settings.rateLimit.default(null),
  circuitBreaker: settings.circuitBreaker.default(null),
  ordered: settings.ordered.optional().describe(`${settings.ordered.description} Left out: as the profile says.`),
  orderingKey: settings.orderingKey.default(null),
  whenStuck: settings.whenStuck.default('block'),
  name: settings.name.default(null),
  customHeaders: settings.customHeaders.default({}),
  expiresAt: settings.expiresAt.default(null),
  alsoSignAs: settings.alsoSignAs.default([]),
  authentication: credentials.authentication.default(null),
  clientCertificate: credentials.clientCertificate.default(null),
  secret: z
    .string()
    .optional()
    .describe('A signing secret that you have already, where the profile lets you bring one.'),
  secretKind: SecretKind.optional().describe(
    'ed25519: requests are signed with a private key, and you get the public one; where the profile has that.',
  ),
})

export const RotateSecretQuery = z.strictObject({
  secretKind: SecretKind.optional().describe('Of the new secret; that of the one before it, unless given.'),
})

/** The body may be left out. */
export const RotateSecret = z
  .strictObject({
    secret: z
      .string()
      .optional()
      .describe('A secret that you have already, where the profile lets you bring one. Left out: one is made for you.'),
  })
  .nullish()

export const UpdateSubscription = z
  .strictObject({ url: DestinationUrl, events: EventChoice, ...settings, ...credentials })
  .partial()

/**
 * `inactive` by its owner's choice, `disabled` by Jethook, `expired` since `expiresAt`; `paused`: events are kept and delivered when
 * it is resumed.
 */
export const SubscriptionStatus = z.enum(['active', 'paused', 'inactive', 'disabled', 'expired'])

const state = {
  status: SubscriptionStatus.describe(
    'inactive and disabled ones get no events, not even later; a paused one gets all when it is resumed. Tests and replays go to each of them: somebody asked for those by hand. Nothing goes to one that has expired.',
  ),
  disabledReason: DisabledReason.nullable().describe(
    'failing: too many failures in a row, as the profile says; gone: the URL answered 410; receiver: it answered with webhook-delivery: disable.',
  ),
  disabledAt: z.iso.datetime().nullable(),
  firstFailureAt: z.iso
    .datetime()
    .nullable()
    .describe('The first failed attempt since the last success, tests not counted.'),
  consecutiveFailures: z.int().describe('Failed attempts since the last success, tests not counted.'),
}

export const SubscriptionResource = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  ...settings,
  customHeaders: MaskedHeaders,
  publicKey: z.string().nullable().describe('What to verify ed25519 signatures with.'),
  authentication: AuthenticationResource.nullable(),
  clientCertificate: ClientCertificateResource.nullable(),
  ...state,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

/** Where a secret can be seen that no answer shows. */
export const SecretLinkResource = z.object({
  url: z.string().describe('Shows the secret once, to whoever opens it and asks for it.'),
  expiresAt: z.iso.datetime(),
})

export const SubscriptionWithSecret = SubscriptionResource.extend({
  secret: z.string().optional().describe('The signing secret. Shown only in this answer.'),
  secretLink: SecretLinkResource.optional().describe('Instead of the secret, where the profile has it so.'),
})

/** The answer to a test: the test event is on its way like any other, and its delivery can be watched. */
export const TestResult = z.object({ eventId: z.string(), deliveryId: z.string() })

export type CreateSubscription = z.infer<typeof CreateSubscription>
export type UpdateSubscription = z.infer<typeof UpdateSubscription>
export type SubscriptionResource = z.infer<typeof SubscriptionResource>
export type SubscriptionStatus = z.infer<typeof SubscriptionStatus>
