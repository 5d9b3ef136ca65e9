import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumerDefinition } from '@jethook/contracts'
import {
  consumeShared,
  sequenceOf,
  TransientMap,
  type Broker,
  type HeldConsumption,
  type JsMsg,
  type Logger,
} from '@jethook/runtime'
import { takeTurns } from './take-turns.ts'

export interface ConsumeOptions<Work> {
  readonly broker: Broker
  readonly logger: Logger
  /** `sequence`: of the message, in its stream. */
  readonly read: (message: JsMsg, sequence: number) => Work
  /** Whether all changes that it may rely on are known already. */
  readonly isCurrent: (work: Work) => boolean
  /** Resolves when all changes that it may rely on are known. */
  readonly changesAreKnown: () => Promise<void>
  /** Whether there is no room for more; when that is over, `resume` is to be called. */
  readonly isFull?: () => boolean
  /** How many messages are in hand at once, at most: 5,000 unless given. */
  readonly maxInHand?: number
  /** Deals with one message; resolves when all that became of it is stored. */
  readonly handle: (work: Work) => Promise<void>
}

/**
 * What waits for its turn waits better with the broker: here it outlives garbage collections, and another dispatcher
 * cannot take it.
 */
const maxWaiting = 64
const ahead = 128
/** More events than are ever in hand, unless changes of the configuration cannot be known: then none gets as far as the room. */
const mostInHand = 5_000
const pauseMs = 500
const sayAgainAfterMs = 10_000
/** What takes longer to finish at a stop is left to another dispatcher, after the acknowledge-wait. */
const finishWithinMs = 20_000
const retryUnexpectedMs = 30_000
/** Well below the consumers' acknowledge-wait. */
const keepAliveEveryMs = 6_000

interface InHand {
  readonly message: JsMsg
  readonly sequence: number
  readonly since: number
}

/**
 * Takes messages from a shared consumer, and acknowledges each when it is dealt with: the only place where that
 * happens. A message that comes again while it is in hand (its acknowledgement was overdue because the broker was
 * away) is left alone: the acknowledgement of the first time counts.
 */
export function consumeMessages<Work>(
  definition: ConsumerDefinition,
  { broker, logger, read, isCurrent, handle, maxInHand = mostInHand, ...options }: ConsumeOptions<Work>,
): HeldConsumption {
  const changesAreKnown = untilKnown(options.changesAreKnown, logger)
  const inHand = new TransientMap<number, InHand>()
  let whenEmpty: (() => void) | undefined

  const keepAlive = setInterval(() => {
    const before = performance.now() - keepAliveEveryMs / 2
    for (const { message, since } of inHand.values()) if (since <= before) message.working()
  }, keepAliveEveryMs)

  const dealWith = async ({ message, sequence }: InHand): Promise<void> => {
    try {
      const work = read(message, sequence)
      if (!isCurrent(work)) await changesAreKnown()
      await handle(work)
      message.ack()
    } catch (error) {
      // Nobody expected this. It must not keep the others from being delivered, nor lose this one.
      logger.error({ err: error, subject: message.subject, sequence }, 'message.failed')
      message.nak(retryUnexpectedMs)
    } finally {
      inHand.delete(sequence)
      consumption.resume()
      if (inHand.size === 0) whenEmpty?.()
    }
  }

  const turns = takeTurns<InHand>((taken) => {
    void dealWith(taken)
    consumption.resume()
  })
  const consumption = consumeShared(
    broker,
    definition,
    (message) => {
      const sequence = sequenceOf(message)
      if (inHand.has(sequence)) return
      const taken: InHand = { message, sequence, since: performance.now() }
      inHand.set(sequence, taken)
      turns.add(taken)
    },
    logger,
    { ahead, isFull: () => turns.waiting >= maxWaiting || inHand.size >= maxInHand || options.isFull?.() === true },
  )
  return {
    working: () => consumption.working(),
    resume: () => consumption.resume(),
    async stop() {
      await consumption.stop()
      const empty = new Promise<void>((resolve) => (whenEmpty = resolve))
      if (inHand.size > 0) await Promise.race([empty, delay(finishWithinMs, undefined, { ref: false })])
      clearInterval(keepAlive)
      if (inHand.size > 0) logger.warn({ messages: inHand.size }, 'consumer.left_unfinished')
    },
  }
}

function untilKnown(changesAreKnown: () => Promise<void>, logger: Logger): () => Promise<void> {
  let saidAt = -Infinity
  return async () => {
    for (;;) {
      try {
        return await changesAreKnown()
      } catch (error) {
        // All messages in hand meet the same trouble: one line of it is enough.
        if (performance.now() - saidAt > sayAgainAfterMs) {
          saidAt = performance.now()
          logger.warn({ err: error }, 'configuration.unavailable')
        }
        await delay(pauseMs)
      }
    }
  }
}
