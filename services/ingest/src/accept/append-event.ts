import { eventSubject, MessageHeader } from '@jethook/contracts'
import { messageHeaders, type Publisher, type Stored, type TraceContext } from '@jethook/runtime'

/** A valid event, on its way to EVENTS. */
export interface AcceptableEvent {
  readonly tenant: string
  readonly eventType: string
  readonly eventId: string
  readonly payload: Uint8Array
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  readonly trace: TraceContext
  /** Deliver to this subscription alone. */
  readonly onlySubscription?: string | undefined
}

/** Appends to EVENTS, the payload as it is. An id that EVENTS remembers is not stored again. Rejects with PublishError. */
export function appendEvent(publisher: Publisher, event: AcceptableEvent): Promise<Stored> {
  const headers = messageHeaders({
    [MessageHeader.messageId]: `${event.tenant}/${event.eventId}`,
    [MessageHeader.eventId]: event.eventId,
    [MessageHeader.acceptedAt]: String(event.acceptedAt),
    [MessageHeader.onlySubscription]: event.onlySubscription,
    [MessageHeader.traceparent]: event.trace.traceparent,
    [MessageHeader.tracestate]: event.trace.tracestate,
  })
  return publisher.publish(eventSubject(event.tenant, event.eventType), event.payload, headers)
}
