import { setTimeout as delay } from 'node:timers/promises'
import { StreamName } from '@jethook/contracts'
import type { Broker, Logger } from '@jethook/runtime'
import { contentOf, type EventContent } from '../match/event-content.ts'

/** An event by its sequence in EVENTS; nothing when it is no longer kept. */
export type ReadEvent = (sequence: number) => Promise<EventContent | undefined>

const pauseMs = 1_000

/** Asks again until the broker answers: the delivery has nowhere else to go. */
export function createReadEvent(broker: Broker, logger: Logger): ReadEvent {
  return async (sequence) => {
    for (;;) {
      try {
        // A direct get is the cheap one, but a replica that lags may not have the message yet: then the leader decides.
        const message =
          (await broker.manager.direct.getMessage(StreamName.events, { seq: sequence })) ??
          (await broker.manager.streams.getMessage(StreamName.events, { seq: sequence }))
        return message ? contentOf({ data: message.data, headers: message.header }) : undefined
      } catch (error) {
        logger.warn({ err: error, sequence }, 'event.not_readable')
        await delay(pauseMs)
      }
    }
  }
}
