import { calendarSubject, dueSubject, MessageHeader, type CalendarEntry } from '@jethook/contracts'
import { messageHeaders, type TraceContext } from '@jethook/runtime'
import type { StoreMessage } from '../outcomes/store-message.ts'

/** Puts a delivery into the calendar. Writing the same one again replaces the entry: harmless after a crash. */
export async function scheduleDelivery(
  store: StoreMessage,
  entry: CalendarEntry,
  atMs: number,
  trace: TraceContext,
): Promise<void> {
  const headers = messageHeaders({
    [MessageHeader.schedule]: `@at ${new Date(atMs).toISOString()}`,
    [MessageHeader.scheduleTarget]: dueSubject(entry.subscriptionId),
    [MessageHeader.traceparent]: trace.traceparent,
    [MessageHeader.tracestate]: trace.tracestate,
  })
  await store(calendarSubject(entry.subscriptionId, entry.deliveryId), JSON.stringify(entry), headers)
}
