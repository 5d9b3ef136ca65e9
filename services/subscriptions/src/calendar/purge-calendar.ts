import { setTimeout as delay } from 'node:timers/promises'
import { calendarSubjectsOf, orderSubject, StreamName } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'
import type { Signals } from '../signals.ts'

/**
 * Takes what waits for a deleted subscription out of the calendar. Never fails: what is left there is cancelled by
 * the dispatcher when it is due.
 */
export type PurgeCalendar = (tenant: string, subscriptionId: string) => Promise<void>

/** By then dispatchers know that it is deleted, and what they put into the calendar before is stored: they gather it for 10 ms. */
const settledAfterMs = 50

export function createPurgeCalendar({ manager }: Broker, signals: Signals): PurgeCalendar {
  return async (tenant, subscriptionId) => {
    await delay(settledAfterMs)
    try {
      await manager.streams.purge(StreamName.deliveries, { filter: calendarSubjectsOf(subscriptionId) })
      await manager.streams.purge(StreamName.progress, { filter: orderSubject(subscriptionId) })
    } catch (error) {
      signals.calendarNotPurged(tenant, subscriptionId, error)
    }
  }
}
