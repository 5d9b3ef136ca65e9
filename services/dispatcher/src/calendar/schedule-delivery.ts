import { calendarSubject, dueSubject, MessageHeader, type CalendarEntry } from '@jethook/contracts'
import { messageHeaders, type TraceContext } from '@jethook/runtime'
import type { StoreMessage } from '../outcomes/store-message.ts'

export interface Appointment {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Why it waits, unless for its retry: it may be brought forward. */
  readonly deferred?: string | undefined
}

/** What is paused comes again after so long, unless it is resumed: then it is brought forward. */
export const pausedDeferralMs = 3_600_000

/** Puts a delivery into the calendar. Writing the same one again replaces the entry: harmless after a crash. */
export async function scheduleDelivery(
  store: StoreMessage,
  entry: CalendarEntry,
  { at, deferred }: Appointment,
  trace: TraceContext,
): Promise<void> {
  const headers = messageHeaders({
    [MessageHeader.schedule]: scheduleTime(at),
    [MessageHeader.scheduleTarget]: dueSubject(entry.subscriptionId),
    [MessageHeader.deferred]: deferred,
    [MessageHeader.traceparent]: trace.traceparent,
    [MessageHeader.tracestate]: trace.tracestate,
  })
  await store(
    calendarSubject(entry.subscriptionId, entry.deliveryId, entry.eventSequence),
    JSON.stringify(entry),
    headers,
  )
}

/** As the header says when a message is due. */
export const scheduleTime = (at: number): string => `@at ${new Date(at).toISOString()}`

/** Milliseconds since the epoch. */
export const timeOfSchedule = (schedule: string): number => Date.parse(schedule.slice('@at '.length))
