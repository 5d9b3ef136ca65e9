import type { Configuration } from '@jethook/configuration'
import { CalendarEntry, type Outcome } from '@jethook/contracts'
import { readHeaders, type JsMsg } from '@jethook/runtime'
import type { OutcomeRecorder } from '../outcomes/record-outcomes.ts'
import { traceOf } from './accepted-event.ts'
import { isWantedAnyway, outcomeOf, type Deliver } from './deliver.ts'
import type { ReadEvent } from './read-event.ts'

export interface DeliverDueDependencies {
  readonly configuration: Configuration
  readonly deliver: Deliver
  readonly outcomes: OutcomeRecorder
  readonly readEvent: ReadEvent
}

/** A delivery whose time has come, taken from the calendar. Resolves when its outcome is stored. */
export async function deliverDue(dependencies: DeliverDueDependencies, message: JsMsg): Promise<void> {
  const { configuration, deliver, outcomes, readEvent } = dependencies
  const entry = CalendarEntry.parse(message.json())
  const trace = traceOf(readHeaders(message))
  const end = (outcome: Outcome): Promise<void> => outcomes.record(outcomeOf(entry, { outcome, attempt: null, trace }))

  const subscription = configuration.subscription(entry.tenant, entry.subscriptionId)
  if (!subscription) return end({ type: 'cancelled', reason: 'subscription_deleted' })
  if (!subscription.active && !isWantedAnyway(entry))
    return end({ type: 'cancelled', reason: subscription.disabled ? 'subscription_disabled' : 'subscription_inactive' })

  return deliver({
    entry,
    subscription,
    coming: { due: true, probing: entry.test === true },
    readEvent: () => readEvent(entry),
    trace,
  })
}
