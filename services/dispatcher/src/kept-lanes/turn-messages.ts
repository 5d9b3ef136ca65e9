import { dispatchersSubject, TurnMessage } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'
import { listen } from '../peers/listen.ts'

export type Message<Type extends TurnMessage['type']> = Extract<TurnMessage, { type: Type }>

/** What dispatchers say to each other about turns. A message may get lost: whoever waits for one must not do so for ever. */
export interface TurnMessages {
  send(dispatcher: string, message: TurnMessage): void
  /** Those that are for this dispatcher. */
  listen(handle: (message: TurnMessage) => void): void
}

export const createTurnMessages = (broker: Broker, id: string): TurnMessages => ({
  send(dispatcher, message) {
    if (!broker.connection.isClosed())
      broker.connection.publish(dispatchersSubject.turns(dispatcher), JSON.stringify(message))
  },
  listen(handle) {
    listen(broker, dispatchersSubject.turns(id), TurnMessage, handle)
  },
})
