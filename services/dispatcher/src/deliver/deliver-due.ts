import type { Configuration } from '@jethook/configuration'
import { CalendarEntry } from '@jethook/contracts'
import { readHeaders, type JsMsg } from '@jethook/runtime'
import { traceOf } from './accepted-event.ts'
import type { Deliver } from './deliver.ts'
import type { ReadEvent } from './read-event.ts'

export interface DeliverDueDependencies {
  readonly configuration: Configuration
  readonly deliver: Deliver
  readonly readEvent: ReadEvent
}

/** A delivery whose time has come, taken from the calendar. Resolves when its outcome is stored. */
export async function deliverDue(
  { configuration, deliver, readEvent }: DeliverDueDependencies,
  message: JsMsg,
): Promise<void> {
  const entry = CalendarEntry.parse(message.json())
  return deliver({
    entry,
    subscription: configuration.subscription(entry.tenant, entry.subscriptionId),
    coming: { due: true, probing: entry.test === true },
    readEvent: () => readEvent(entry),
    trace: traceOf(readHeaders(message)),
  })
}
