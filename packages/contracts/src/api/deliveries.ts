import { z } from 'zod'
import { AttemptTrigger, DeliveryStatus } from '../deliveries.ts'
import { pageQuery, SearchText } from './pages.ts'

export const DeliveryQuery = z.strictObject({
  ...pageQuery,
  status: DeliveryStatus.optional(),
  event: SearchText.optional().describe('An event type.'),
  from: z.iso.datetime({ offset: true }).optional().describe('Accepted at or after this time.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Accepted before this time.'),
})

const AttemptError = z.object({ code: z.string(), message: z.string() })

export const DeliveryResource = z.object({
  id: z.string(),
  subscriptionId: z.string(),
  eventId: z.string(),
  event: z.string().describe('The event type.'),
  status: DeliveryStatus,
  reason: z.string().nullable().describe('Why it was given up, cancelled or put off.'),
  attempts: z.int().describe('How many requests were made so far.'),
  lastStatus: z.int().nullable().describe('The HTTP status of the latest attempt.'),
  lastError: AttemptError.nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime().describe('When the event was accepted.'),
  updatedAt: z.iso.datetime(),
})

const milliseconds = z.number().nullable()

/**
 * Null: there was no such step, as when an open connection was used, or it was not recorded. Of a step that did not come to
 * its end it is the time until it was given up.
 */
const AttemptTiming = z.object({
  tokenMs: milliseconds.describe('Waiting for an OAuth2 token, before the request.'),
  dnsMs: milliseconds,
  connectMs: milliseconds,
  tlsMs: milliseconds,
  firstByteMs: milliseconds.describe('From the beginning of the request until the response began.'),
  totalMs: z.number(),
})

export const AttemptResource = z.object({
  id: z.string(),
  number: z.int(),
  trigger: AttemptTrigger,
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  outcome: z.string(),
  status: z.int().nullable(),
  error: AttemptError.nullable(),
  decision: z
    .object({ code: z.string().describe('For programs: http_503_retry_2_of_8.'), text: z.string() })
    .nullable()
    .describe('Why what follows was chosen; null after a success.'),
  address: z.string().nullable().describe('The address that was connected to, or last tried.'),
  connectionReused: z.boolean().nullable().describe('Whether an open connection was used.'),
  timing: AttemptTiming,
  retryAfterMs: z
    .int()
    .nullable()
    .describe('How long the receiver asked to be left alone (Retry-After), at most an hour.'),
  request: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
  response: z
    .object({
      headers: z.record(z.string(), z.string()),
      body: z.string().describe('The first 16 KiB.'),
      bodyTruncated: z.boolean(),
    })
    .nullable(),
})

export const DeliveryDetail = DeliveryResource.omit({ attempts: true }).extend({ attempts: z.array(AttemptResource) })

export const ReplayResult = z.object({ deliveryId: z.string(), status: z.literal('pending') })

export type DeliveryQuery = z.infer<typeof DeliveryQuery>
export type DeliveryResource = z.infer<typeof DeliveryResource>
export type AttemptResource = z.infer<typeof AttemptResource>
export type DeliveryDetail = z.infer<typeof DeliveryDetail>
