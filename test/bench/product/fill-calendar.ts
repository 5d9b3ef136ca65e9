import {
  calendarSubject,
  deliveryIdOf,
  dueSubject,
  eventSubject,
  intakeSubject,
  MessageHeader,
  StreamName,
  type CalendarEntry,
} from '@jethook/contracts'
import { messageHeaders } from '@jethook/runtime'
import { createPayload, numberOf } from '../load/payload.ts'
import type { BenchReceiver } from '../receiver/receiver.ts'
import { createTenant, forEach } from './admin-api.ts'
import type { Product } from './product.ts'

/** Deliveries that could wait for their first retry: real events, and real subscriptions to each of them. */
export interface Waiting {
  /** So many subscriptions get each event; their endpoints have the numbers from 0 on. */
  readonly fanOut: number
  readonly deliveries: number
  /** Puts the deliveries from `first` to `end` into the calendar, each at its time, ms since the epoch. */
  schedule(first: number, end: number, dueAt: (delivery: number) => number): Promise<void>
}

interface StoredEvent {
  readonly tenant: string
  readonly eventId: string
  readonly sequence: number
  readonly acceptedAt: number
}

const tenantCount = 10
const perTenant = 20
const eventType = 'support.ticket_closed'
const publishesUnderway = 500

/**
 * 200 subscriptions of 10 tenants, to which events were published before they were there. Their deliveries are then
 * written into the calendar as the dispatcher writes those whose first attempt has failed: making 200,000 attempts fail
 * takes a minute, and says nothing about how it is to have them.
 */
export async function prepareWaiting(
  product: Product,
  receiver: BenchReceiver,
  { run, deliveries }: { run: number; deliveries: number },
): Promise<Waiting> {
  const tenants = await Promise.all(
    Array.from({ length: tenantCount }, (_, index) => createTenant(product.services, `waiting-${index}`)),
  )
  const numbers = Array.from({ length: Math.ceil(deliveries / perTenant) }, (_, number) => number)
  await inWindows(numbers, (number) =>
    product.publisher.publish(
      intakeSubject(`waiting-${number % tenantCount}`, eventType),
      createPayload(run, number, 0),
    ),
  )
  await product.dispatched()
  const events = await readEvents(product, numbers.length)
  const subscriptionsOf = new Map<string, string[]>()
  await forEach(tenants, async (tenant) => {
    const ids: string[] = []
    for (let endpoint = 0; endpoint < perTenant; endpoint++)
      ids.push(await tenant.subscribe({ url: receiver.url(endpoint), events: [eventType] }))
    subscriptionsOf.set(tenant.id, ids)
  })

  const entryOf = (delivery: number): CalendarEntry => {
    const { tenant, eventId, sequence, acceptedAt } = events[Math.floor(delivery / perTenant)]!
    const subscriptionId = subscriptionsOf.get(tenant)?.[delivery % perTenant] ?? ''
    return {
      deliveryId: deliveryIdOf(tenant, eventId, subscriptionId),
      tenant,
      subscriptionId,
      eventId,
      eventType,
      eventSequence: sequence,
      acceptedAt,
      attempt: 2,
      retries: 1,
      trigger: 'retry',
    }
  }
  return {
    fanOut: perTenant,
    deliveries,
    async schedule(first, end, dueAt) {
      const wanted = Array.from({ length: end - first }, (_, index) => first + index)
      await inWindows(wanted, (delivery) => {
        const entry = entryOf(delivery)
        const headers = messageHeaders({
          [MessageHeader.schedule]: `@at ${new Date(dueAt(delivery)).toISOString()}`,
          [MessageHeader.scheduleTarget]: dueSubject(entry.subscriptionId),
        })
        const subject = calendarSubject(entry.subscriptionId, entry.deliveryId, entry.eventSequence)
        return product.publisher.publish(subject, JSON.stringify(entry), headers)
      })
    },
  }
}

/** By their numbers. */
async function readEvents({ jetstream }: Product, count: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  const consumer = await jetstream.consumers.get(StreamName.events, {
    filter_subjects: Array.from({ length: tenantCount }, (_, index) => eventSubject(`waiting-${index}`, '>')),
  })
  let read = 0
  for await (const { subject, seq, headers, data } of await consumer.consume()) {
    events[numberOf(data)] = {
      tenant: subject.split('.')[1] ?? '',
      eventId: headers?.get(MessageHeader.eventId) ?? '',
      sequence: seq,
      acceptedAt: Number(headers?.get(MessageHeader.acceptedAt)),
    }
    if (++read === count) break
  }
  return events
}

async function inWindows<T>(items: readonly T[], publish: (item: T) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < items.length; first += publishesUnderway)
    await Promise.all(items.slice(first, first + publishesUnderway).map(publish))
}
