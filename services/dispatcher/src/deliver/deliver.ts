import type { Subscription } from '@jethook/configuration'
import type { CalendarEntry, DeliveryOutcome, Outcome } from '@jethook/contracts'
import type { Logger, TraceContext } from '@jethook/runtime'
import { pausedDeferralMs, scheduleDelivery, type Appointment } from '../calendar/schedule-delivery.ts'
import type { EnterLanes } from '../kept-lanes/enter-lanes.ts'
import type { Coming } from '../lanes/lane.ts'
import type { EventContent } from '../match/event-content.ts'
import type { PrepareSubscription, PreparedSubscription } from '../match/prepare-subscription.ts'
import { isInOrder } from '../ordered/is-in-order.ts'
import type { OutcomeRecorder } from '../outcomes/record-outcomes.ts'
import type { StoreMessage } from '../outcomes/store-message.ts'
import { attemptDelivery, type AttemptDependencies, type Result } from './attempt-delivery.ts'
import { isWantedAnyway, whyCancelled } from './why-cancelled.ts'

export interface DeliverDependencies extends AttemptDependencies {
  readonly prepare: PrepareSubscription
  readonly lanes: Pick<EnterLanes, 'enter'>
  readonly store: StoreMessage
  /**
   * An event that somebody else delivers in order was attempted here, or put off, as its replay was asked for: it was delivered,
   * or the next attempt has this number, for which it may wait in the calendar.
   */
  readonly replayed: (subscriptionId: string, sequence: number, nextAttempt?: number) => void
  readonly outcomes: OutcomeRecorder
  readonly logger: Logger
}

/** One delivery to be attempted now, if its lane allows. */
export interface Delivery {
  readonly entry: CalendarEntry
  readonly subscription: Subscription
  readonly coming: Coming
  /** Called when it is the delivery's turn. Nothing when the event is no longer kept. */
  readonly readEvent: () => EventContent | undefined | Promise<EventContent | undefined>
  readonly trace: TraceContext
}

/** To a subscription that may have been deleted. */
export type Wanted = Omit<Delivery, 'subscription'> & { readonly subscription: Subscription | undefined }

const isDelivery = (wanted: Wanted): wanted is Delivery => wanted.subscription !== undefined

/** Resolves when what became of the delivery, and its calendar entry if it has a future, are stored. */
export type Deliver = (wanted: Wanted) => Promise<void>

export function createDeliver(dependencies: DeliverDependencies): Deliver {
  const { lanes, current, replayed, signals } = dependencies
  const deliver: Deliver = async (wanted) => {
    const { entry, coming, trace } = wanted
    const reason = wanted.subscription ? whyCancelled(wanted.subscription, entry) : 'subscription_deleted'
    if (!isDelivery(wanted) || reason) {
      const outcome: Outcome = { type: 'cancelled', reason: reason ?? 'subscription_deleted' }
      return conclude(dependencies, wanted, { outcome, attempt: null, trace })
    }
    const { subscription } = wanted
    /** Whoever keeps its order may be done with it before it comes again. */
    const putOff = async (at: number, why: Extract<Outcome, { type: 'deferred' }>['reason']): Promise<void> => {
      const outcome: Outcome = { type: 'deferred', at, reason: why }
      await conclude(dependencies, wanted, { outcome, attempt: null, trace })
      if (isInOrder(subscription, entry.eventSequence)) replayed(subscription.id, entry.eventSequence, entry.attempt)
    }
    const prepared = prepareOrReport(dependencies, subscription)
    if (!prepared) return putOff(Date.now() + misconfiguredDeferralMs, 'misconfigured')
    if (subscription.paused && !isWantedAnyway(entry)) return putOff(Date.now() + pausedDeferralMs, 'paused')
    const entering = lanes.enter(prepared, coming)
    const turn = entering instanceof Promise ? await entering : entering
    if (entering instanceof Promise) {
      const now = current(subscription)
      const isToGo = 'leave' in turn
      // While it waited, something was changed: it asks again, as things are now.
      if (!now || (isToGo && prepareOrReport(dependencies, now) !== prepared)) {
        if (isToGo) turn.leave()
        return deliver({ ...wanted, subscription: now })
      }
    }
    if ('deferUntil' in turn) return putOff(turn.deferUntil, turn.reason)
    signals.inFlight.inc()
    try {
      const result = await attemptDelivery(dependencies, wanted, prepared, turn)
      await conclude(dependencies, wanted, result)
      if (isInOrder(subscription, entry.eventSequence)) {
        if (isThrough(result.outcome, subscription)) replayed(subscription.id, entry.eventSequence)
        else if (result.attempt && (subscription.ordered || result.outcome.type === 'retry'))
          replayed(subscription.id, entry.eventSequence, entry.attempt + 1)
      }
    } finally {
      turn.leave()
      signals.inFlight.dec()
    }
  }
  return deliver
}

/** Whether those behind it in its order may go. One that blocks them has no end of its schedule there. */
function isThrough(outcome: Outcome, { ordered, whenStuck }: Subscription): boolean {
  if (outcome.type !== 'gave_up') return outcome.type === 'delivered'
  return ordered && (whenStuck === 'skip' || outcome.reason !== 'schedule_exhausted')
}

/** How long to wait for an operator to give this deployment the encryption key or profile it lacks. */
const misconfiguredDeferralMs = 60_000

function prepareOrReport(
  { prepare, logger }: DeliverDependencies,
  subscription: Subscription,
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

/** Stores what became of a delivery, and what is next. */
function conclude({ store, outcomes }: DeliverDependencies, { entry }: Wanted, result: Result): Promise<void> {
  const next = nextEntry(entry, result)
  if (!next) return outcomes.record(outcomeOf(entry, result))
  const stored = [scheduleDelivery(store, next.entry, next, result.trace), outcomes.record(outcomeOf(entry, result))]
  return Promise.all(stored).then(() => undefined)
}

function nextEntry(
  entry: CalendarEntry,
  { outcome, isHeldUp }: Result,
): (Appointment & { entry: CalendarEntry }) | undefined {
  switch (outcome.type) {
    case 'retry':
      return {
        entry: { ...entry, attempt: entry.attempt + 1, retries: entry.retries + 1, trigger: 'retry' },
        at: outcome.at,
        // It may come sooner when a test shows that the receiver takes more.
        deferred: isHeldUp ? 'slowed_down' : undefined,
      }
    case 'deferred':
      // Without a time it waits in its order, and not in the calendar. Waiting uses up no attempt.
      return outcome.at === null ? undefined : { entry, at: outcome.at, deferred: outcome.reason }
    case 'delivered':
    case 'gave_up':
    case 'cancelled':
    case 'replayed':
      return undefined
  }
}

export function outcomeOf(entry: CalendarEntry, { outcome, attempt, trace, disables }: Result): DeliveryOutcome {
  const { traceparent } = trace
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
    ...(disables && { disables }),
    ...(traceparent && { traceparent }),
  }
}
