import { setTimeout as delay } from 'node:timers/promises'
import { MessageHeader, OrderProgress, orderSubject, StreamName } from '@jethook/contracts'
import { messageHeaders, PublishError, type Broker, type Logger } from '@jethook/runtime'

/** Another dispatcher works on the subscription now. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError'
}

/** The stored progress of one subscription, in the hands of one dispatcher. */
export interface ProgressKeeper {
  /**
   * Makes this dispatcher the holder and returns how far things are; undefined while another one holds it that lives.
   * With `floor` where there is nothing yet.
   */
  take(floor: number): Promise<OrderProgress | undefined>
  /**
   * Resolves when what holds at this moment, or later, is stored. Calls share a store. Throws SupersededError, from then
   * on each time: nothing more must be attempted here, and nothing more is stored.
   */
  save(): Promise<void>
  /** When it was last certain that this dispatcher holds it, by `performance.now()`; never, once it was superseded. */
  readonly confirmedAt: number
  /** Stores a last time, and lets go; what is another dispatcher's by now is left alone. */
  release(): Promise<void>
}

export interface ProgressKeeperOptions {
  readonly broker: Broker
  readonly subscriptionId: string
  /** This dispatcher. */
  readonly id: string
  /** Whether a dispatcher lives. */
  readonly lives: (dispatcher: string) => boolean
  readonly current: () => Omit<OrderProgress, 'holder'>
  /** Milliseconds since the epoch; the machine's clock unless given. */
  readonly now?: () => number
  readonly logger: Logger
}

const pauseMs = 250
/**
 * Whoever holds it stores something before an attempt, unless it did 3 s ago at most, and no attempt takes longer than a
 * minute: after so long none is under way. It holds what it does not work on, as its last word was lost.
 */
const abandonedAfterMs = 120_000

/**
 * Every store expects what it stored last, so two that both think they hold it notice: the one that is not in time stops. It
 * has seen what the other one stored by then, and stores nothing more, or it would overwrite that.
 */
export function createProgressKeeper(options: ProgressKeeperOptions): ProgressKeeper {
  const { broker, subscriptionId, id, lives, current, now = Date.now, logger } = options
  const subject = orderSubject(subscriptionId)
  let sequence = 0
  let confirmedAt = -Infinity
  let isSuperseded = false
  let underway: Promise<void> | undefined
  let queued: Promise<void> | undefined

  const load = async (): Promise<{ progress: OrderProgress; storedAt: number } | undefined> => {
    const message = await broker.manager.streams.getMessage(StreamName.progress, { last_by_subj: subject })
    // Read before it is expected: what cannot be read may be another dispatcher's, of another version.
    const loaded = message && { progress: OrderProgress.parse(message.json()), storedAt: message.time.getTime() }
    sequence = message?.seq ?? 0
    return loaded ?? undefined
  }

  const store = async (progress: OrderProgress): Promise<void> => {
    const began = performance.now()
    const header = messageHeaders({ [MessageHeader.expectedLastSequence]: String(sequence) })
    sequence = (await broker.publisher.publish(subject, JSON.stringify(progress), header)).sequence
    confirmedAt = began
  }

  const storeCurrent = async (holder: string | null): Promise<void> => {
    for (;;) {
      if (isSuperseded) throw new SupersededError(`Another dispatcher keeps the order of ${subscriptionId}.`)
      try {
        return await store({ holder, ...current() })
      } catch (error) {
        if (!(error instanceof PublishError)) throw error
        if (error.code === 'wrong_last_sequence') {
          // It may have been this dispatcher itself, when an acknowledgement was lost.
          isSuperseded = (await load())?.progress.holder !== id
          continue
        }
        logger.warn({ subject, code: error.code, reason: error.message }, 'order.not_stored')
        await delay(pauseMs)
      }
    }
  }

  const afterUnderway = async (): Promise<void> => {
    await underway?.catch(() => undefined)
    queued = undefined
    underway = storeCurrent(id)
    await underway
  }

  return {
    async take(floor) {
      const last = await load()
      const stored = last?.progress ?? { holder: null, floor, upTo: floor, waiting: [], stuck: [] }
      const isAbandoned = last && now() - last.storedAt > abandonedAfterMs
      if (stored.holder !== null && stored.holder !== id && lives(stored.holder) && !isAbandoned) return undefined
      try {
        await store({ ...stored, holder: id })
        return stored
      } catch (error) {
        if (error instanceof PublishError) return undefined
        throw error
      }
    },
    save: () => (queued ??= afterUnderway()),
    get confirmedAt() {
      return isSuperseded ? -Infinity : confirmedAt
    },
    async release() {
      await (queued ?? underway)?.catch(() => undefined)
      if (!isSuperseded) await storeCurrent(null)
    },
  }
}
