import { setTimeout as delay } from 'node:timers/promises'
import type { StoreMessage } from './store-message.ts'

/** Nobody waits for an entry of the calendar but the acknowledgement, and so little is early enough for when it is due. */
const momentMs = 10

/**
 * Stores what comes within a moment at its end, all at once: the broker, and this process for its answers, are woken once
 * for all of it.
 */
export function storeTogether(store: StoreMessage): StoreMessage {
  let moment: Promise<void> | undefined

  const endOfMoment = async (): Promise<void> => {
    await delay(momentMs)
    moment = undefined
  }
  return async (...message) => {
    await (moment ??= endOfMoment())
    await store(...message)
  }
}
