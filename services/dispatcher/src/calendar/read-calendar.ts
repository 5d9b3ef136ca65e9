import { calendarSubjectsOf, StreamName } from '@jethook/contracts'
import { readBatch, readLatest, type Broker, type StoredMsg } from '@jethook/runtime'

/** What waits for a subscription as things are now, in the order of the calendar, some at a time. */
export interface ReadCalendar {
  (subscriptionId: string, isOver: () => boolean): AsyncIterable<StoredMsg[]>
}

const batchSize = 200

/**
 * One look at a time: thousands may be wanted at once, when many subscriptions were changed and a dispatcher starts, and
 * would keep NATS from everything else.
 */
export function createCalendarReader(broker: Broker): ReadCalendar {
  let lastLook: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(look: () => Promise<T>): Promise<T> => {
    const turn = lastLook.then(look, look)
    lastLook = turn
    return turn
  }

  return async function* readCalendar(subscriptionId, isOver) {
    const filter = calendarSubjectsOf(subscriptionId)
    /** What gets another turn is written anew, behind it. */
    let end: number | undefined
    let sequence = 1
    const look = async (): Promise<StoredMsg[]> => {
      if (isOver()) return []
      const all = await readLatest(broker, StreamName.deliveries, filter)
      end ??= all ? (all.at(-1)?.seq ?? 0) : (await broker.manager.streams.info(StreamName.deliveries)).state.last_seq
      return all
        ? all.filter(({ seq }) => seq >= sequence).slice(0, batchSize)
        : readBatch(broker, StreamName.deliveries, { filter, sequence, batchSize })
    }
    for (;;) {
      const found = (await inTurn(look)).filter(({ seq }) => seq <= end!)
      const last = found.at(-1)
      if (!last) return
      sequence = last.seq + 1
      yield found
    }
  }
}
