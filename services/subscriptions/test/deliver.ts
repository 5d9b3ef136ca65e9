import { setTimeout as delay } from 'node:timers/promises'
import {
  attemptsSubject,
  createId,
  deliveryIdOf,
  eventSubject,
  MessageHeader,
  outcomeLines,
  outcomeMessage,
  type DeliveryOutcome,
  type DeliveryReference,
  type Outcome,
} from '@jethook/contracts'
import { messageHeaders, type Broker } from '@jethook/runtime'

/** Stores an event the way ingest does. */
export async function acceptEvent(
  { publisher }: Broker,
  tenant: string,
  payload: string,
  eventType = 'deposit.settled',
): Promise<Omit<DeliveryReference, 'deliveryId' | 'subscriptionId'>> {
  // Two events of one millisecond have no order.
  await delay(2)
  const acceptedAt = Date.now()
  const eventId = createId('evt', acceptedAt)
  const { sequence } = await publisher.publish(
    eventSubject(tenant, eventType),
    payload,
    messageHeaders({
      [MessageHeader.messageId]: `${tenant}.${eventId}`,
      [MessageHeader.eventId]: eventId,
      [MessageHeader.acceptedAt]: String(acceptedAt),
    }),
  )
  return { tenant, eventId, eventType, eventSequence: sequence, acceptedAt }
}

/** Stores an event and the outcome of its first attempt, the way ingest and dispatcher do. */
export async function deliver(
  broker: Broker,
  tenant: string,
  subscriptionId: string,
  outcome: Outcome = { type: 'delivered' },
  of?: Omit<DeliveryReference, 'deliveryId' | 'subscriptionId'>,
): Promise<DeliveryReference> {
  const event = of ?? (await acceptEvent(broker, tenant, '{"amount":1}'))
  const delivery = { ...event, subscriptionId, deliveryId: deliveryIdOf(tenant, event.eventId, subscriptionId) }
  const line: DeliveryOutcome = {
    ...delivery,
    at: Date.now(),
    outcome,
    attempt: {
      id: createId('att', Date.now()),
      number: 1,
      trigger: 'event',
      url: 'https://example.com/hooks',
      startedAt: Date.now(),
      durationMs: 12.5,
      requestHeaders: { 'content-type': 'application/json' },
      response: { status: outcome.type === 'delivered' ? 200 : 503, headers: {}, body: 'ok', bodyTruncated: false },
      error: null,
    },
  }
  await broker.publisher.publish(attemptsSubject('test'), outcomeMessage([outcomeLines(line)]))
  return delivery
}
