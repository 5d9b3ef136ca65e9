import type { Configuration, Subscription } from '@jethook/configuration'
import { deliveryIdOf, type CalendarEntry } from '@jethook/contracts'
import type { Coming } from '../lanes/lane.ts'
import type { EventContent } from '../match/event-content.ts'
import type { WhyNot } from '../match/why-not.ts'
import { isInOrder } from '../ordered/is-in-order.ts'
import type { AcceptedEvent } from './accepted-event.ts'
import type { Deliver } from './deliver.ts'
import type { Room } from './room.ts'

export interface DeliverEventDependencies {
  readonly configuration: Configuration
  readonly whyNot: WhyNot
  readonly deliver: Deliver
  /** For how many deliveries there is room in memory. */
  readonly room: Room
  /** There is an event for a subscription that gets its events in order. */
  readonly inOrder: (subscriptionId: string, sequence: number) => void
}

/**
 * An old event that comes again, because its consumer had to be made anew, is not for those who came later. Services'
 * clocks may differ by so much.
 */
const clockToleranceMs = 60_000

/** An event taken from EVENTS goes to every subscription that matches. Resolves when all outcomes are stored. */
export async function deliverEvent(
  { configuration, whyNot, deliver, inOrder, room }: DeliverEventDependencies,
  event: AcceptedEvent,
): Promise<void> {
  const { tenant, eventType, eventId, acceptedAt, content, trace } = event
  // A test event is there to find out whether the endpoint works.
  const isTest = event.onlySubscription !== ''
  const coming: Coming = { due: false, probing: isTest }
  const readEvent = (): EventContent => content

  const give = (): void => room.give(tenant)
  const failures: unknown[] = []
  const fail = (error: unknown): void => {
    give()
    failures.push(error)
  }
  const deliveries: Promise<void>[] = []
  let hasWaited = false
  // A copy: what is folded while it waits must not bring the same one again.
  for (const chosen of Array.from(recipients(configuration, event))) {
    if (chosen.createdAt > acceptedAt + clockToleranceMs) continue
    // What was meant for this one alone ends in its log, whatever becomes of it.
    if (!isTest && whyNot(chosen, eventType, content, Date.now())) continue
    // Who keeps the order reads the event by itself, when its turn has come.
    if (!isTest && isInOrder(chosen, event.sequence)) {
      inOrder(chosen.id, event.sequence)
      continue
    }
    const waiting = room.take(tenant)
    if (waiting) {
      await waiting
      hasWaited = true
    }
    const subscription = hasWaited ? configuration.subscription(tenant, chosen.id) : chosen
    const entry: CalendarEntry = {
      deliveryId: deliveryIdOf(tenant, eventId, chosen.id),
      tenant,
      subscriptionId: chosen.id,
      eventId,
      eventType,
      eventSequence: event.sequence,
      acceptedAt,
      attempt: 1,
      retries: 0,
      trigger: 'event',
      ...(isTest && { test: true }),
    }
    deliveries.push(deliver({ entry, subscription, coming, readEvent, trace }).then(give, fail))
  }
  // Most events go to one subscription.
  await (deliveries.length === 1 ? deliveries[0] : Promise.all(deliveries))
  if (failures.length > 0) throw failures[0]
}

function recipients(
  configuration: Configuration,
  { tenant, eventType, onlySubscription }: AcceptedEvent,
): Iterable<Subscription> {
  if (!onlySubscription) return configuration.matching(tenant, eventType)
  const only = configuration.subscription(tenant, onlySubscription)
  return only ? [only] : []
}
