import { ProblemError, StreamName } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'

/** How far EVENTS has got, from its leader. Throws `broker_unavailable`. */
export type LastEventSequence = () => Promise<number>

export function createLastEventSequence({ manager }: Broker): LastEventSequence {
  return async () => {
    try {
      return (await manager.streams.info(StreamName.events)).state.last_seq
    } catch (cause) {
      throw new ProblemError('broker_unavailable', 'The event stream cannot be looked at right now. Try again.', {
        cause,
      })
    }
  }
}
