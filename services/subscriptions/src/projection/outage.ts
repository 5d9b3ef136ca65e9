import type { Logger } from '@jethook/runtime'

/**
 * What is shared by all who use the same database: an outage is logged once when it begins and once when it is over.
 */
export interface Outage {
  failed(error: unknown): void
  /** `startedAt` (performance.now): an answer to what was asked before the outage does not end it. */
  succeeded(startedAt: number): void
}

export function createOutage(logger: Logger): Outage {
  let since: number | undefined
  return {
    failed(error) {
      if (since !== undefined) return
      since = performance.now()
      logger.error({ err: error }, 'database.unavailable')
    },
    succeeded(startedAt) {
      if (since === undefined || startedAt < since) return
      logger.info({ outageMs: Math.round(performance.now() - since) }, 'database.available')
      since = undefined
    },
  }
}
