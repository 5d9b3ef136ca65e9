import { MessageHeader, parseEventSubject } from '@jethook/contracts'
import { readHeaders, type JsMsg, type ReadableHeaders, type StoredMsg, type TraceContext } from '@jethook/runtime'
import type { EventContent } from '../match/event-content.ts'

/** An accepted event, as it comes from EVENTS. */
export interface AcceptedEvent {
  readonly tenant: string
  readonly eventType: string
  readonly eventId: string
  /** In EVENTS. */
  readonly sequence: number
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  /** How far CONFIG had got then; nothing when whoever stored the event did not say. */
  readonly configSequence: number | undefined
  /** Deliver to this subscription alone; '' to all that match. */
  readonly onlySubscription: string
  readonly content: EventContent
  readonly trace: TraceContext
}

/** `sequence`: of the message. */
export const acceptedEvent = (message: JsMsg, sequence: number): AcceptedEvent =>
  eventOf(message, sequence, readHeaders(message))

/** The same, of a message that was asked for. */
export const storedEvent = (message: StoredMsg): AcceptedEvent =>
  eventOf(message, message.seq, new Map(Array.from(message.header, ([name, [value = '']]) => [name, value])))

function eventOf(
  message: { readonly subject: string; readonly data: Uint8Array },
  sequence: number,
  headers: ReadableHeaders,
): AcceptedEvent {
  const { tenant, eventType } = parseEventSubject(message.subject)
  const configSequence = headers.get(MessageHeader.configSequence)
  return {
    tenant,
    eventType,
    eventId: headers.get(MessageHeader.eventId) ?? '',
    sequence,
    acceptedAt: Number(headers.get(MessageHeader.acceptedAt)),
    configSequence: configSequence === undefined ? undefined : Number(configSequence),
    onlySubscription: headers.get(MessageHeader.onlySubscription) ?? '',
    content: { payload: message.data, user: headers.get(MessageHeader.user) },
    trace: traceOf(headers),
  }
}

export function traceOf(headers: ReadableHeaders): TraceContext {
  return { traceparent: headers.get(MessageHeader.traceparent), tracestate: headers.get(MessageHeader.tracestate) }
}
