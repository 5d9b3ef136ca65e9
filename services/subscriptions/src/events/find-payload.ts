import { MessageHeader, parseEventSubject, ProblemError, StreamName } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'

export interface EventPlace {
  readonly tenant: string
  readonly eventId: string
  /** In EVENTS. */
  readonly eventSequence: number
}

/** The payload of an event, byte for byte; undefined when EVENTS no longer keeps it. Throws `broker_unavailable`. */
export type FindPayload = (event: EventPlace) => Promise<Uint8Array | undefined>

/** Asks the leader of EVENTS; a stream that was made anew may hold another event in this place, perhaps of another tenant. */
export function createFindPayload({ manager }: Pick<Broker, 'manager'>): FindPayload {
  return async ({ tenant, eventId, eventSequence }) => {
    try {
      const message = await manager.streams.getMessage(StreamName.events, { seq: eventSequence })
      if (!message || parseEventSubject(message.subject).tenant !== tenant) return undefined
      return message.header.get(MessageHeader.eventId) === eventId ? message.data : undefined
    } catch (cause) {
      throw new ProblemError('broker_unavailable', 'The event cannot be looked up right now. Try again.', { cause })
    }
  }
}
