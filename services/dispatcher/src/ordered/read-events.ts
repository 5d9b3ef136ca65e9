import { choiceAt, choicesEver, choosesEvent, type Subscription } from '@jethook/configuration'
import { eventSubject, StreamName } from '@jethook/contracts'
import { readBatch, type Broker } from '@jethook/runtime'
import { storedEvent, type AcceptedEvent } from '../deliver/accepted-event.ts'
import { orderingKey } from './ordering-key.ts'

/** An event that comes next in EVENTS; without a key when it does not concern the subscription. */
export interface ReadEvent {
  readonly event: AcceptedEvent
  readonly key: string | undefined
}

export interface EventReader {
  /** The next events after this sequence that may concern the subscription; none when there are none now. */
  (subscription: Subscription, after: number): Promise<ReadEvent[]>
}

/** After a start all orders read at the same time. */
const batch = { batchSize: 100, maxBytes: 1_048_576 } as const

export interface EventReaderOptions {
  readonly broker: Broker
  /** The sequence of CONFIG up to which changes are known. */
  readonly configSequence: () => number
  /** Resolves when changes stored before now are known. */
  readonly upToDate: () => Promise<void>
}

export function createEventReader({ broker, configSequence, upToDate }: EventReaderOptions): EventReader {
  return async (subscription, after) => {
    const query = { filter: filterOf(subscription), sequence: after + 1, ...batch }
    const events = (await readBatch(broker, StreamName.events, query)).map(storedEvent)
    if (events.some((event) => event.configSequence === undefined || event.configSequence > configSequence()))
      await upToDate()
    return events.map((event) => ({ event, key: keyOf(subscription, event) }))
  }
}

/** One type alone is looked up directly; of several, those of the tenant are read and the others passed over. */
function filterOf(subscription: Subscription): string {
  const [only = '>', ...others] = choicesEver(subscription)
  return eventSubject(subscription.tenant, others.length === 0 && !only.endsWith('*') ? only : '>')
}

function keyOf(subscription: Subscription, event: AcceptedEvent): string | undefined {
  // As things were when it was accepted: it may have waited for long, and what else there was since is through.
  const events = choiceAt(subscription, event.configSequence)
  if (event.onlySubscription || !choosesEvent({ events }, event.eventType)) return undefined
  // Ordered no longer: each for itself.
  if (!subscription.ordered) return String(event.sequence)
  return subscription.orderingKey === null ? '' : orderingKey(event.content.payload, subscription.orderingKey)
}
