import type { Subscription } from '@jethook/configuration'
import type { Attempt, CalendarEntry, DeliveryOutcome, Outcome } from '@jethook/contracts'
import type { ActiveSpan, Logger, TraceContext, Tracing } from '@jethook/runtime'
import type { Dispatcher as HttpClient } from 'undici'
import { decideOutcome } from '../attempt/decide-outcome.ts'
import { makeAttempt, succeeded } from '../attempt/make-attempt.ts'
import { scheduleDelivery } from '../calendar/schedule-delivery.ts'
import type { Capacity } from '../lanes/capacity.ts'
import type { Lanes } from '../lanes/lanes.ts'
import type { PrepareSubscription, PreparedSubscription } from '../match/prepare-subscription.ts'
import type { OutcomeRecorder } from '../outcomes/record-outcomes.ts'
import type { StoreMessage } from '../outcomes/store-message.ts'
import type { Signals } from '../signals.ts'

export interface DeliverDependencies {
  readonly client: HttpClient
  readonly prepare: PrepareSubscription
  readonly lanes: Lanes
  readonly capacity: Capacity
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
  readonly body: Uint8Array
  readonly trace: TraceContext
}

/** Resolves when what became of the delivery, and its calendar entry if it has a future, are stored. */
export type Deliver = (delivery: Delivery) => Promise<void>

export function createDeliver(dependencies: DeliverDependencies): Deliver {
  const { lanes, capacity, signals } = dependencies
  return async (delivery) => {
    const prepared = prepareOrReport(dependencies, delivery)
    if (!prepared) {
      const outcome: Outcome = { type: 'deferred', at: Date.now() + misconfiguredDeferralMs, reason: 'misconfigured' }
      return conclude(dependencies, delivery, outcome, null, delivery.trace)
    }
    const room = capacity.take()
    if (room) await room
    try {
      const entering = lanes.enter(delivery.subscription.id, prepared.concurrency)
      const turn = entering instanceof Promise ? await entering : entering
      if ('deferUntil' in turn) {
        const outcome: Outcome = { type: 'deferred', at: turn.deferUntil, reason: 'saturated' }
        await conclude(dependencies, delivery, outcome, null, delivery.trace)
        return
      }
      signals.inFlight.inc()
      try {
        await attemptDelivery(dependencies, delivery, prepared, () => turn.leave())
      } finally {
        turn.leave()
        signals.inFlight.dec()
      }
    } finally {
      capacity.give()
    }
  }
}

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
  leaveLane: () => void,
): Promise<void> {
  const { client, tracing, signals } = dependencies
  const { entry, body, trace } = delivery
  const span = tracing.startSpan('deliver', trace, spanAttributes(entry))
  const traceHeaders = tracing.enabled ? {} : traceHeadersOf(span)
  const attempt = await span.run(() => makeAttempt(client, { entry, prepared, payload: body, traceHeaders }))
  // The endpoint is done; the next delivery to it need not wait until this one's outcome is stored.
  leaveLane()
  const outcome = decideOutcome(
    { succeeded: succeeded(attempt, prepared), retries: entry.retries },
    prepared.retry,
    Date.now(),
    Math.random,
  )
  signals.attempted(entry, attempt, outcome)
  await conclude(dependencies, delivery, outcome, attempt, span.traceContext)
  span.end(outcome.type === 'delivered' ? undefined : outcome.type)
}

/** Stores what became of a delivery, and what is next. */
async function conclude(
  { store, outcomes }: DeliverDependencies,
  { entry }: Delivery,
  outcome: Outcome,
  attempt: Attempt | null,
  trace: TraceContext,
): Promise<void> {
  const next = nextEntry(entry, outcome)
  await Promise.all([
    next && scheduleDelivery(store, next.entry, next.at, trace),
    outcomes.record(outcomeOf(entry, outcome, attempt, trace)),
  ])
}

function nextEntry(entry: CalendarEntry, outcome: Outcome): { entry: CalendarEntry; at: number } | undefined {
  switch (outcome.type) {
    case 'retry':
      return {
        entry: { ...entry, attempt: entry.attempt + 1, retries: entry.retries + 1, trigger: 'retry' },
        at: outcome.at,
      }
    case 'deferred':
      // Waiting uses up no attempt.
      return { entry, at: outcome.at }
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
