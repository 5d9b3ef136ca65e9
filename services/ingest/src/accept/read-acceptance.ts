import { MessageHeader, parseEventSubject, ProblemError, StreamName } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'

/** What was answered when an event was accepted. */
export interface Acceptance {
  readonly id: string
  readonly type: string
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
}

/** The acceptance of the event at this sequence of EVENTS. */
export async function readAcceptance({ manager }: Broker, sequence: number): Promise<Acceptance> {
  // Any replica may answer a direct get, also one that does not have the message yet; the leader has it.
  const message =
    (await manager.direct.getMessage(StreamName.events, { seq: sequence }).catch(() => null)) ??
    (await manager.streams.getMessage(StreamName.events, { seq: sequence }))
  if (!message)
    throw new ProblemError('event_expired', 'An event with this id was accepted before, and is no longer kept.')
  return {
    id: message.header.get(MessageHeader.eventId),
    type: parseEventSubject(message.subject).eventType,
    acceptedAt: Number(message.header.get(MessageHeader.acceptedAt)),
  }
}
