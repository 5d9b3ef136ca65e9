import { setTimeout as delay } from 'node:timers/promises'
import { MessageHeader, parseEventSubject, StreamName, type CalendarEntry } from '@jethook/contracts'
import type { Broker, Logger } from '@jethook/runtime'
import { contentOf, type EventContent } from '../match/event-content.ts'

/** Which event, and where it was in EVENTS. */
export type EventReference = Pick<CalendarEntry, 'tenant' | 'eventId' | 'eventSequence'>

/** An event; nothing when it is no longer kept. */
export type ReadEvent = (reference: EventReference) => Promise<EventContent | undefined>

const pauseMs = 1_000

/** Asks again until the broker answers: the delivery has nowhere else to go. */
export function createReadEvent(broker: Broker, logger: Logger): ReadEvent {
  return async (reference) => {
    const { eventSequence: sequence } = reference
    for (;;) {
      try {
        // A direct get is the cheap one, but a replica that lags may not have the message yet: then the leader decides.
        const message =
          (await broker.manager.direct.getMessage(StreamName.events, { seq: sequence })) ??
          (await broker.manager.streams.getMessage(StreamName.events, { seq: sequence }))
        return message && isEvent(message, reference)
          ? contentOf({ data: message.data, headers: message.header })
          : undefined
      } catch (error) {
        logger.warn({ err: error, sequence }, 'event.not_readable')
        await delay(pauseMs)
      }
    }
  }
}

/** A stream that was made anew has other events at the old sequences: not this one's payload, and perhaps not this tenant's. */
function isEvent({ subject, header }: StoredMessage, { tenant, eventId }: EventReference): boolean {
  return parseEventSubject(subject).tenant === tenant && header.get(MessageHeader.eventId) === eventId
}

interface StoredMessage {
  readonly subject: string
  readonly header: { get(name: string): string }
}
