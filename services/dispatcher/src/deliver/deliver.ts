import type { Subscription } from '@jethook/configuration'
import type { Attempt, CalendarEntry, DeliveryOutcome, Outcome } from '@jethook/contracts'
import type { ActiveSpan, Logger, TraceContext, Tracing } from '@jethook/runtime'
import { decideOutcome } from '../attempt/decide-outcome.ts'
import { makeAttempt, succeeded } from '../attempt/make-attempt.ts'
import { explainDecision } from '../attempt/explain-decision.ts'
import type { PostToEndpoint } from '../attempt/post-to-endpoint.ts'
import { receiverWishes, type ReceiverWishes } from '../attempt/receiver-wishes.ts'
import { scheduleDelivery, type Appointment } from '../calendar/schedule-delivery.ts'
import type { Coming, Turn } from '../lanes/lane.ts'
import type { Lanes } from '../lanes/lanes.ts'
import type { EventContent } from '../match/event-content.ts'
import type { PrepareSubscription, PreparedSubscription } from '../match/prepare-subscription.ts'
import type { WhyNot } from '../match/why-not.ts'
import type { OutcomeRecorder } from '../outcomes/record-outcomes.ts'
import type { StoreMessage } from '../outcomes/store-message.ts'
import type { Signals } from '../signals.ts'

export interface DeliverDependencies {
  readonly post: PostToEndpoint
  readonly prepare: PrepareSubscription
  readonly whyNot: WhyNot
  readonly lanes: Lanes
  /** Tells the other dispatchers that a receiver asked to be left alone until then. */
  readonly tellPause: (tenant: string, subscriptionId: string, until: number) => void
  readonly store: StoreMessage
  readonly outcomes: OutcomeRecorder
  readonly tracing: Tracing
  readonly signals: Signals
  readonly logger: Logger
}

/** One delivery to be attempted now, if its lane allows. */
export interface Delivery {
  readonly entry: CalendarEntry
  readonly subscription: Subscription
  readonly coming: Coming
  /** Called when it is the delivery's turn. Nothing when the event is no longer kept. */
  readonly readEvent: () => EventContent | Promise<EventContent | undefined>
  readonly trace: TraceContext
}

/** Resolves when what became of the delivery, and its calendar entry if it has a future, are stored. */
export type Deliver = (delivery: Delivery) => Promise<void>

export function createDeliver(dependencies: DeliverDependencies): Deliver {
  const { lanes, signals } = dependencies
  return async (delivery) => {
    const { subscription, coming, trace } = delivery
    const prepared = prepareOrReport(dependencies, delivery)
    if (!prepared) {
      const outcome: Outcome = { type: 'deferred', at: Date.now() + misconfiguredDeferralMs, reason: 'misconfigured' }
      return conclude(dependencies, delivery, outcome, null, trace)
    }
    if (subscription.paused && !isWantedAnyway(delivery.entry)) {
      const outcome: Outcome = { type: 'deferred', at: Date.now() + pausedDeferralMs, reason: 'paused' }
      return conclude(dependencies, delivery, outcome, null, trace)
    }
    const entering = lanes.enter(subscription, prepared.rules, coming)
    const turn = entering instanceof Promise ? await entering : entering
    if ('deferUntil' in turn) {
      const outcome: Outcome = { type: 'deferred', at: turn.deferUntil, reason: turn.reason }
      return conclude(dependencies, delivery, outcome, null, trace)
    }
    signals.inFlight.inc()
    try {
      await attemptDelivery(dependencies, delivery, prepared, turn)
    } finally {
      turn.leave()
      signals.inFlight.dec()
    }
  }
}

/** What somebody asked for by hand goes to subscriptions that are paused or not active, too. */
export const isWantedAnyway = ({ trigger, test }: CalendarEntry): boolean => trigger === 'replay' || test === true

/** When it is resumed, its deliveries are brought forward; this is how late they are if nobody was there to do it. */
const pausedDeferralMs = 3_600_000

/** How long to wait for an operator to give this deployment the encryption key or profile it lacks. */
const misconfiguredDeferralMs = 60_000

function prepareOrReport(
  { prepare, logger }: DeliverDependencies,
  { subscription }: Delivery,
): PreparedSubscription | undefined {
  try {
    return prepare(subscription)
  } catch (error) {
    logger.error(
      { err: error, tenant: subscription.tenant, subscription_id: subscription.id },
      'subscription.misconfigured',
    )
    return undefined
  }
}

async function attemptDelivery(
  dependencies: DeliverDependencies,
  delivery: Delivery,
  prepared: PreparedSubscription,
  turn: Turn,
): Promise<void> {
  const { post, whyNot, tracing, signals } = dependencies
  const { entry, subscription, trace } = delivery
  const reading = delivery.readEvent()
  const event = reading instanceof Promise ? await reading : reading
  if (!event) return conclude(dependencies, delivery, { type: 'gave_up', reason: 'event_expired' }, null, trace)
  // Once more, for it may have waited.
  const reason = whyNot(subscription, entry.eventType, event, Date.now())
  if (reason) return conclude(dependencies, delivery, { type: 'cancelled', reason }, null, trace)
  const span = tracing.startSpan('deliver', trace, spanAttributes(entry))
  const traceHeaders = tracing.enabled ? {} : traceHeadersOf(span)
  const made = await span.run(() => makeAttempt(post, { entry, prepared, payload: event.payload, traceHeaders }))
  const hasSucceeded = succeeded(made, prepared)
  const wishes = receiverWishes(made)
  // The endpoint is done; the next delivery to it need not wait until this one's outcome is stored.
  leaveLane(dependencies, delivery, turn, { attempt: made, hasSucceeded, wishes })
  const outcome = decideOutcome(
    { succeeded: hasSucceeded, retries: entry.retries, wishes, retryAfterMs: made.retryAfterMs },
    prepared.retry,
    Date.now(),
    Math.random,
  )
  const decision = explainDecision(made, outcome, entry.retries, prepared.retry)
  const attempt = decision ? { ...made, decision } : made
  signals.attempted(entry, attempt, outcome)
  await conclude(dependencies, delivery, outcome, attempt, span.traceContext, wishes.disables)
  span.end(outcome.type === 'delivered' ? undefined : outcome.type)
}

/** Who is gone, or wants nothing any more, is left alone for so long: until then everybody knows that it is disabled. */
const disabledPauseMs = 60_000

function leaveLane(
  { tellPause }: DeliverDependencies,
  { subscription }: Delivery,
  turn: Turn,
  { attempt, hasSucceeded, wishes }: { attempt: Attempt; hasSucceeded: boolean; wishes: ReceiverWishes },
): void {
  const pauseMs = wishes.disables ? disabledPauseMs : hasSucceeded ? undefined : attempt.retryAfterMs
  const pauseUntil = pauseMs === undefined ? undefined : Date.now() + pauseMs
  if (pauseUntil !== undefined) tellPause(subscription.tenant, subscription.id, pauseUntil)
  turn.leave({
    result: hasSucceeded ? 'succeeded' : isTimeout(attempt) ? 'timed_out' : 'failed',
    overloaded: wishes.overloaded,
    pauseUntil,
  })
}

const isTimeout = ({ error }: Attempt): boolean => error?.code === 'timeout' || error?.code === 'connect_timeout'

/** Stores what became of a delivery, and what is next. */
async function conclude(
  { store, outcomes }: DeliverDependencies,
  { entry }: Delivery,
  outcome: Outcome,
  attempt: Attempt | null,
  trace: TraceContext,
  disables?: DeliveryOutcome['disables'],
): Promise<void> {
  const next = nextEntry(entry, outcome)
  await Promise.all([
    next && scheduleDelivery(store, next.entry, next, trace),
    outcomes.record({ ...outcomeOf(entry, outcome, attempt, trace), ...(disables && { disables }) }),
  ])
}

function nextEntry(entry: CalendarEntry, outcome: Outcome): (Appointment & { entry: CalendarEntry }) | undefined {
  switch (outcome.type) {
    case 'retry':
      return {
        entry: { ...entry, attempt: entry.attempt + 1, retries: entry.retries + 1, trigger: 'retry' },
        at: outcome.at,
      }
    case 'deferred':
      // Waiting uses up no attempt.
      return { entry, at: outcome.at, deferred: outcome.reason }
    case 'delivered':
    case 'gave_up':
    case 'cancelled':
    case 'replayed':
      return undefined
  }
}

export function outcomeOf(
  entry: CalendarEntry,
  outcome: Outcome,
  attempt: Attempt | null,
  { traceparent }: TraceContext,
): DeliveryOutcome {
  return {
    deliveryId: entry.deliveryId,
    tenant: entry.tenant,
    subscriptionId: entry.subscriptionId,
    eventId: entry.eventId,
    eventType: entry.eventType,
    eventSequence: entry.eventSequence,
    acceptedAt: entry.acceptedAt,
    at: Date.now(),
    outcome,
    attempt,
    ...(traceparent && { traceparent }),
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

function traceHeadersOf({ traceContext }: ActiveSpan): Record<string, string> {
  return {
    ...(traceContext.traceparent && { traceparent: traceContext.traceparent }),
    ...(traceContext.tracestate && { tracestate: traceContext.tracestate }),
  }
}
