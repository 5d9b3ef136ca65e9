import { setTimeout as delay } from 'node:timers/promises'
import { eventSubject, MessageHeader } from '@jethook/contracts'
import { messageHeaders, PublishError, type Publisher, type Stored, type TraceContext } from '@jethook/runtime'

/** A valid event, on its way to EVENTS. */
export interface AcceptableEvent {
  readonly tenant: string
  readonly eventType: string
  readonly eventId: string
  readonly payload: Uint8Array
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  /** The configuration that was known then. */
  readonly configSequence: number
  readonly trace: TraceContext
  /** Deliver to this subscription alone. */
  readonly onlySubscription?: string | undefined
  readonly user?: string | undefined
}

/** Appends to EVENTS, the payload as it is. An id that EVENTS remembers is not stored again. Rejects with PublishError. */
export function appendEvent(publisher: Publisher, event: AcceptableEvent): Promise<Stored> {
  const subject = eventSubject(event.tenant, event.eventType)
  const headers = messageHeaders({
    [MessageHeader.messageId]: `${event.tenant}/${event.eventId}`,
    [MessageHeader.eventId]: event.eventId,
    [MessageHeader.acceptedAt]: String(event.acceptedAt),
    [MessageHeader.configSequence]: String(event.configSequence),
    [MessageHeader.onlySubscription]: event.onlySubscription,
    [MessageHeader.user]: event.user,
    [MessageHeader.traceparent]: event.trace.traceparent,
    [MessageHeader.tracestate]: event.trace.tracestate,
  })
  const append = (): Promise<Stored> => publisher.publish(subject, event.payload, headers)
  return append().catch((error: unknown) => appendAgain(append, error))
}

async function appendAgain(append: () => Promise<Stored>, failure: unknown): Promise<Stored> {
  let error = failure
  for (let attempt = 1; attempt < attempts && isDuplicateInProgress(error); attempt++) {
    await delay(pauseMs)
    try {
      return await append()
    } catch (again) {
      error = again
    }
  }
  throw error
}

/** Storing takes a cluster milliseconds, or, when it elects a leader in between, seconds. */
const attempts = 100
const pauseMs = 25

const isDuplicateInProgress = (error: unknown): boolean =>
  error instanceof PublishError && error.code === 'duplicate_in_progress'
