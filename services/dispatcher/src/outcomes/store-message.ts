import { setTimeout as delay } from 'node:timers/promises'
import { PublishError, type Logger, type MsgHdrs, type Publisher } from '@jethook/runtime'

/** Publishes, and publishes again until JetStream has stored it. */
export type StoreMessage = (subject: string, payload: string | Uint8Array, headers?: MsgHdrs) => Promise<void>

const longestPauseMs = 5_000

/**
 * What happened must be stored, whatever happens to the broker in between: there is nobody to hand the failure to.
 * While this tries, the message that caused the work stays unacknowledged, so a crash loses nothing either.
 */
export function createStoreMessage(publisher: Publisher, logger: Logger): StoreMessage {
  return async (subject, payload, headers) => {
    for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        await publisher.publish(subject, payload, headers)
        return
      } catch (error) {
        if (!(error instanceof PublishError)) throw error
        logger.warn({ subject, code: error.code, reason: error.message, pauseMs }, 'outcome.not_stored')
        await delay(pauseMs)
      }
    }
  }
}
