import type { Subscription } from '@jethook/configuration'
import type { Attempt, CalendarEntry, DeliveryOutcome, Outcome } from '@jethook/contracts'
import { portOf } from '@jethook/egress'
import { SpanKind, type Attributes, type TraceContext, type Tracing } from '@jethook/runtime'
import { decideOutcome } from '../attempt/decide-outcome.ts'
import { explainDecision } from '../attempt/explain-decision.ts'
import { beginAttempt, endAttempt, succeeded } from '../attempt/make-attempt.ts'
import type { PostToEndpoint } from '../attempt/post-to-endpoint.ts'
import { isTimeout } from '../attempt/request-error.ts'
import { receiverWishes, type ReceiverWishes } from '../attempt/receiver-wishes.ts'
import type { Shown } from '../lanes/endpoint.ts'
import type { Turn } from '../lanes/lane.ts'
import type { PreparedSubscription } from '../match/prepare-subscription.ts'
import type { WhyNot } from '../match/why-not.ts'
import { withoutQuery, type Signals } from '../signals.ts'
import type { Delivery } from './deliver.ts'

export interface AttemptDependencies {
  readonly post: PostToEndpoint
  readonly whyNot: WhyNot
  /** A subscription as it is now; nothing when it was deleted. */
  readonly current: (subscription: Subscription) => Subscription | undefined
  readonly tracing: Tracing
  readonly signals: Signals
}

/** What became of a delivery. */
export interface Result {
  readonly outcome: Outcome
  /** Null when nothing was sent. */
  readonly attempt: Attempt | null
  readonly trace: TraceContext
  readonly disables?: DeliveryOutcome['disables']
  /** It would be attempted again sooner, had the receiver not asked to be left alone. */
  readonly isHeldUp?: boolean
}

/** Attempts a delivery whose turn it is, and says what becomes of it. Nothing of that is stored yet. Never rejects. */
export async function attemptDelivery(
  dependencies: AttemptDependencies,
  delivery: Delivery,
  prepared: PreparedSubscription,
  turn: Turn,
): Promise<Result> {
  const { post, whyNot, current, tracing, signals } = dependencies
  const { entry, subscription, trace } = delivery
  const reading = delivery.readEvent()
  const event = reading instanceof Promise ? await reading : reading
  if (!event) return withoutAttempt({ type: 'gave_up', reason: 'event_expired' }, delivery, turn)
  // Once more, for it may have waited.
  const reason = whyNot(subscription, entry.eventType, event, Date.now())
  if (reason) return withoutAttempt({ type: 'cancelled', reason }, delivery, turn)
  const span = tracing.startSpan('deliver', trace, () => spanAttributes(entry))
  // One for all that it takes: with OAuth2 there may be requests for tokens, and another POST.
  const posting = span.startChild('POST', () => requestAttributes(prepared), SpanKind.CLIENT)
  const begun = beginAttempt(prepared, entry, event.payload, posting.traceContext)
  const made = endAttempt(begun, await post(prepared, begun.request))
  posting.end(failureOf(made), responseAttributes(made))
  const hasSucceeded = succeeded(made, prepared)
  const wishes = receiverWishes(made)
  // The endpoint is done; the next delivery to it need not wait until this one's outcome is stored.
  turn.leave(shownBy(made, hasSucceeded, wishes))
  const now = Date.now()
  const outcome = decideOutcome(
    {
      succeeded: hasSucceeded,
      retries: entry.retries,
      wishes,
      retryAfterMs: made.retryAfterMs,
      isUnwanted: !current(subscription),
    },
    prepared.retry,
    now,
    Math.random,
  )
  const decision = explainDecision(made, outcome, entry.retries, prepared.retry)
  const attempt = decision ? { ...made, decision } : made
  signals.attempted(entry, attempt, outcome)
  span.end(outcome.type === 'delivered' ? undefined : outcome.type)
  const isHeldUp = outcome.type === 'retry' && outcome.at - now === made.retryAfterMs
  return { outcome, attempt, trace: span.traceContext, disables: wishes.disables, isHeldUp }
}

/** The next delivery need not wait until this is stored. */
function withoutAttempt(outcome: Outcome, { trace }: Delivery, turn: Turn): Result {
  turn.leave()
  return { outcome, attempt: null, trace }
}

/** Who is gone, or wants nothing any more, is left alone for so long: until then everybody knows that it is disabled. */
const disabledPauseMs = 60_000

function shownBy(attempt: Attempt, hasSucceeded: boolean, { disables, overloaded }: ReceiverWishes): Shown {
  return {
    result: hasSucceeded ? 'succeeded' : attempt.error && isTimeout(attempt.error) ? 'timed_out' : 'failed',
    overloaded,
    pauseMs: disables ? disabledPauseMs : hasSucceeded ? undefined : attempt.retryAfterMs,
  }
}

const spanAttributes = (entry: CalendarEntry) => ({
  'jethook.tenant': entry.tenant,
  'jethook.event.id': entry.eventId,
  'jethook.event.type': entry.eventType,
  'jethook.subscription.id': entry.subscriptionId,
  'jethook.delivery.id': entry.deliveryId,
  'jethook.attempt': entry.attempt,
})

// What follows is named by OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span

function requestAttributes({ destination: { origin, path } }: PreparedSubscription): Attributes {
  const url = new URL(origin)
  return {
    'http.request.method': 'POST',
    'url.full': withoutQuery(origin + path),
    'server.address': url.hostname,
    'server.port': portOf(url),
  }
}

function responseAttributes({ response, error }: Attempt): Attributes {
  return {
    ...(response && { 'http.response.status_code': response.status }),
    ...(error && { 'error.type': error.code }),
  }
}

/** For a client, statuses from 400 on are errors. */
const failureOf = ({ response, error }: Attempt): string | undefined =>
  error?.code ?? (response && response.status >= 400 ? `http_${response.status}` : undefined)
