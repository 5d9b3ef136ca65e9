import { z } from 'zod'

/** Which event goes to which subscription: what identifies a delivery wherever it travels. Times in ms since the epoch. */
const deliveryReference = {
  deliveryId: z.string(),
  tenant: z.string(),
  subscriptionId: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  /** The event's sequence in EVENTS, where its payload is read again. */
  eventSequence: z.int(),
  acceptedAt: z.int(),
}
export const DeliveryReference = z.object(deliveryReference)

/** Why an attempt is made. */
export const AttemptTrigger = z.enum(['event', 'retry', 'replay'])

/** An entry of the calendar, and the message it becomes in `deliveries.due.…` when its time has come. */
export const CalendarEntry = z.object({
  ...deliveryReference,
  /** The number of the attempt to make, from 1. */
  attempt: z.int().min(1),
  /** How many retries of the schedule are used up: 0 at the first attempt and at a replay, which starts it anew. */
  retries: z.int().min(0),
  trigger: AttemptTrigger,
  /** A test event: it goes to subscriptions that are paused or not active, too. */
  test: z.boolean().optional(),
})

/**
 * What carried a request and where the time went, in milliseconds. A time is left out where there was no such step; of one
 * that did not come to its end it is the time until it was given up.
 */
export const AttemptConnection = z.object({
  /** Null where it never got that far, and through an egress proxy. */
  address: z.string().nullable(),
  /** It was open already: resolving, connecting and TLS cost this request nothing. */
  reused: z.boolean(),
  dnsMs: z.number().optional(),
  connectMs: z.number().optional(),
  tlsMs: z.number().optional(),
  /** From the beginning of the request, not of this step, to the status line of the response. */
  firstByteMs: z.number().optional(),
})

/** Why what follows an attempt was chosen. */
export const Decision = z.object({
  /** For programs: `http_503_retry_2_of_8`. */
  code: z.string(),
  text: z.string(),
})

/** One HTTP request, and what came of it. */
export const Attempt = z.object({
  id: z.string(),
  /** From 1; the receiver sees it too. */
  number: z.int().min(1),
  trigger: AttemptTrigger,
  url: z.string(),
  startedAt: z.int(),
  durationMs: z.number(),
  /** How long a token of OAuth2 was waited for, before the request; left out where one was at hand. */
  tokenMs: z.number().optional(),
  requestHeaders: z.record(z.string(), z.string()),
  /** Null when no response came. */
  response: z
    .object({
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      /** The first 16 KiB, decoded as UTF-8. */
      body: z.string(),
      bodyTruncated: z.boolean(),
    })
    .nullable(),
  /** Why no complete response came; null otherwise. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** How long the receiver asked to be left alone (Retry-After, capped). */
  retryAfterMs: z.int().optional(),
  connection: AttemptConnection.optional(),
  /** Left out after a success. */
  decision: Decision.optional(),
})

/**
 * `subscription_expired`: the time was over that its owner had set. `not_granted`: it belongs to an app to which the
 * event's user does not (any more) let events of this type go.
 */
const CancelReason = z.enum([
  'subscription_deleted',
  'subscription_inactive',
  'subscription_disabled',
  'subscription_expired',
  'not_granted',
])

/** Why a delivery has to wait for its turn. */
export const DeferralReason = z.enum(['saturated', 'rate_limited', 'circuit_open', 'slowed_down'])

/**
 * What became of a delivery, and what is next:
 * `delivered` and `gave_up` end it, `retry` attempts it again at a time, `deferred` puts it off without an attempt,
 * `cancelled` ends it because its subscription is gone, `replayed` starts it anew on somebody's request, or
 * a test for the first time.
 */
export const Outcome = z.discriminatedUnion('type', [
  z.object({ type: z.literal('delivered') }),
  z.object({ type: z.literal('retry'), at: z.int() }),
  z.object({
    type: z.literal('gave_up'),
    reason: z.enum([
      'schedule_exhausted',
      'event_expired',
      /** The receiver does not want this one: `webhook-delivery: abort-message`. */
      'receiver_aborted',
      /** The receiver wants nothing any more: `webhook-delivery: disable`, or 410. */
      'receiver_disabled',
      'receiver_gone',
    ]),
  }),
  z.object({
    type: z.literal('deferred'),
    /** Null where nobody can say. */
    at: z.int().nullable(),
    /** `in_order`: others of its subscription, or of its ordering key, come first. */
    reason: z.enum([...DeferralReason.options, 'paused', 'misconfigured', 'in_order']),
  }),
  z.object({ type: z.literal('cancelled'), reason: CancelReason }),
  z.object({
    type: z.literal('replayed'),
    by: z.string(),
    /** The number of the attempt with which it begins anew. */
    attempt: z.int().min(1).optional(),
  }),
])

/** What became of a delivery, or of an attempt at it. */
export const DeliveryOutcome = z.object({
  ...deliveryReference,
  /** When this was decided. */
  at: z.int(),
  outcome: Outcome,
  /** Null when nothing was sent. */
  attempt: Attempt.nullable(),
  /** The receiver wants its subscription disabled: it answered 410, or `webhook-delivery: disable`. */
  disables: z.enum(['gone', 'receiver']).optional(),
  traceparent: z.string().optional(),
})

/** A micro-batch. How it is written on ATTEMPTS: `outcomeMessage`. */
export const OutcomeBatch = z.array(DeliveryOutcome)

export const DeliveryStatus = z.enum(['pending', 'retrying', 'delivered', 'gave_up', 'cancelled'])

/** The state of a delivery after an outcome. */
export function statusAfter(outcome: Outcome): DeliveryStatus {
  switch (outcome.type) {
    case 'delivered':
    case 'gave_up':
    case 'cancelled':
      return outcome.type
    case 'retry':
      return 'retrying'
    case 'deferred':
    case 'replayed':
      return 'pending'
  }
}

export type DeferralReason = z.infer<typeof DeferralReason>
export type DeliveryReference = z.infer<typeof DeliveryReference>
export type AttemptTrigger = z.infer<typeof AttemptTrigger>
export type CalendarEntry = z.infer<typeof CalendarEntry>
export type AttemptConnection = z.infer<typeof AttemptConnection>
export type Decision = z.infer<typeof Decision>
export type Attempt = z.infer<typeof Attempt>
export type Outcome = z.infer<typeof Outcome>
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>
export type DeliveryStatus = z.infer<typeof DeliveryStatus>
