import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumerDefinition } from '@jethook/contracts'
import { consumeShared, type Broker, type Consumption, type JsMsg, type Logger } from '@jethook/runtime'

export interface ConsumeOptions {
  readonly broker: Broker
  readonly logger: Logger
  /** Resolves when changes made before now are known. */
  readonly caughtUp: () => Promise<void>
  /** Deals with one message; resolves when all that became of it is stored. */
  readonly handle: (message: JsMsg) => Promise<void>
}

const pauseMs = 500
/** What takes longer to finish at a stop is left to another dispatcher, after the acknowledge-wait. */
const finishWithinMs = 20_000
const retryUnexpectedMs = 30_000

/**
 * Takes messages from a shared consumer, and acknowledges each when it is dealt with: the only place where that
 * happens. A message that comes again while it is in hand (its acknowledgement was overdue because the broker was
 * away) is left alone: the acknowledgement of the first time counts.
 */
export function consumeMessages(definition: ConsumerDefinition, options: ConsumeOptions): Consumption {
  const { broker, logger, caughtUp, handle } = options
  const inHand = new Map<number, Promise<void>>()

  const dealWith = async (message: JsMsg): Promise<void> => {
    try {
      await untilCaughtUp(caughtUp, logger)
      await handle(message)
      message.ack()
    } catch (error) {
      // Nobody expected this. It must not keep the others from being delivered, nor lose this one.
      logger.error({ err: error, subject: message.subject, sequence: message.seq }, 'message.failed')
      message.nak(retryUnexpectedMs)
    } finally {
      inHand.delete(message.seq)
    }
  }

  const consumption = consumeShared(
    broker,
    definition,
    (message) => {
      if (inHand.has(message.seq)) return
      const work = dealWith(message)
      inHand.set(message.seq, work)
    },
    logger,
  )
  return {
    async stop() {
      await consumption.stop()
      await Promise.race([Promise.all(inHand.values()), delay(finishWithinMs, undefined, { ref: false })])
      if (inHand.size > 0) logger.warn({ messages: inHand.size }, 'consumer.left_unfinished')
    },
  }
}

async function untilCaughtUp(caughtUp: () => Promise<void>, logger: Logger): Promise<void> {
  for (;;) {
    try {
      return await caughtUp()
    } catch (error) {
      logger.warn({ err: error }, 'configuration.unavailable')
      await delay(pauseMs)
    }
  }
}
