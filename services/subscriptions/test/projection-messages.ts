import {
  attemptsSubject,
  createId,
  deliveryIdOf,
  eventSubject,
  MessageHeader,
  outcomeLines,
  outcomeMessage,
  readOutcomes,
  rejectedSubject,
  type Attempt,
  type DeliveryOutcome,
  type DeliveryReference,
  type StoredOutcome,
} from '@jethook/contracts'
import { headers, type Broker } from '@jethook/runtime'

/** What ingest and dispatcher would write. */

export const acceptedAt: number = Date.now() - 60_000

export function reference(number: number, of: Partial<DeliveryReference> = {}): DeliveryReference {
  const tenant = of.tenant ?? 'acme'
  const eventId = of.eventId ?? `evt_${number}`
  const subscriptionId = of.subscriptionId ?? 'sub_1'
  return {
    deliveryId: deliveryIdOf(tenant, eventId, subscriptionId),
    tenant,
    subscriptionId,
    eventId,
    eventType: 'deposit.settled',
    eventSequence: number,
    acceptedAt: acceptedAt + number,
    ...of,
  }
}

export function attempt(number: number, of: Partial<Attempt> = {}): Attempt {
  return {
    id: createId('att', acceptedAt),
    number,
    trigger: number === 1 ? 'event' : 'retry',
    url: 'https://receiver.example/webhooks',
    startedAt: acceptedAt + number * 1_000,
    durationMs: 12.5,
    requestHeaders: { 'content-type': 'application/json' },
    response: { status: 200, headers: { server: 'test' }, body: 'ok', bodyTruncated: false },
    error: null,
    ...of,
  }
}

export function delivered(of: DeliveryReference, number = 1, at: number = of.acceptedAt + number): DeliveryOutcome {
  return { ...of, at, outcome: { type: 'delivered' }, attempt: attempt(number) }
}

export function retried(of: DeliveryReference, number = 1, at: number = of.acceptedAt + number): DeliveryOutcome {
  const failed = attempt(number, { response: null, error: { code: 'ECONNREFUSED', message: 'refused' } })
  return { ...of, at, outcome: { type: 'retry', at: at + 5_000 }, attempt: failed }
}

export async function publishOutcomes(broker: Broker, ...outcomes: readonly DeliveryOutcome[]): Promise<number> {
  const { sequence } = await broker.publisher.publish(
    attemptsSubject('test'),
    outcomeMessage(outcomes.map(outcomeLines)),
  )
  return sequence
}

/** As the stream gives them back. */
export const stored = (...outcomes: readonly DeliveryOutcome[]): StoredOutcome[] =>
  readOutcomes(Buffer.from(outcomeMessage(outcomes.map(outcomeLines))))

interface EventMessage {
  readonly tenant?: string
  readonly type?: string
  readonly payload?: string | Uint8Array
  readonly acceptedAt?: number
  readonly traceparent?: string
}

export async function publishEvent(broker: Broker, id: string, message: EventMessage = {}): Promise<number> {
  const {
    tenant = 'acme',
    type = 'deposit.settled',
    payload = '{}',
    acceptedAt: at = acceptedAt,
    traceparent,
  } = message
  const fields = headers()
  fields.set(MessageHeader.eventId, id)
  fields.set(MessageHeader.acceptedAt, String(at))
  if (traceparent) fields.set(MessageHeader.traceparent, traceparent)
  const { sequence } = await broker.publisher.publish(eventSubject(tenant, type), payload, fields)
  return sequence
}

export async function publishRejected(
  broker: Broker,
  message: { readonly tenant?: string; readonly id?: string; readonly payload?: string; readonly code?: string },
): Promise<number> {
  const { tenant = 'acme', id, payload = '{}', code = 'unknown_event_type' } = message
  const fields = headers()
  if (id) fields.set(MessageHeader.eventId, id)
  fields.set(MessageHeader.rejectedCode, code)
  fields.set(MessageHeader.rejectedReason, 'because')
  const { sequence } = await broker.publisher.publish(rejectedSubject(tenant, 'deposit.settled'), payload, fields)
  return sequence
}
