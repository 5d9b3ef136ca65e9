import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@jethook/runtime'
import { isUnavailable } from '../database/database-errors.ts'
import type { Outage } from './outage.ts'

/** Tries again after each failure, for ever. */
export interface RetryForEver {
  /** Resolves with undefined when it was told to stop before the action succeeded. */
  <T>(action: () => Promise<T>): Promise<T | undefined>
}

const firstPauseMs = 100
const longestPauseMs = 2_000

interface RetryOptions {
  readonly logger: Logger
  readonly outage: Outage
  readonly signal: AbortSignal
  /** What is tried, for the log. */
  readonly what: string
  /** Called after each failure. */
  readonly onFailure?: () => void
  /** Errors that trying again cannot heal: they are thrown. */
  readonly isFatal?: (error: unknown) => boolean
}

export function retryForEver({ logger, outage, signal, what, onFailure, isFatal }: RetryOptions): RetryForEver {
  return async (action) => {
    let lastMessage: string | undefined
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const startedAt = performance.now()
      try {
        const result = await action()
        outage.succeeded(startedAt)
        return result
      } catch (error) {
        if (isFatal?.(error)) throw error
        if (isUnavailable(error)) outage.failed(error)
        else if (String(error) !== lastMessage) logger.error({ err: error, what }, 'projection.failing')
        lastMessage = String(error)
        onFailure?.()
        await delay(pauseMs, undefined, { signal }).catch(() => undefined)
      }
    }
    return undefined
  }
}
