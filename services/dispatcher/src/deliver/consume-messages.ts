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

/**
 * Takes messages from a shared consumer, and acknowledges each when it is dealt with: the only place where that
 * happens. A message that comes again while it is in hand (its acknowledgement was overdue because the broker was
 * away) is left alone: the acknowledgement of the first time counts.
 */
export function consumeMessages(definition: ConsumerDefinition, options: ConsumeOptions): Consumption {
  const { broker, logger, caughtUp, handle } = options
  const inHand = new Map<number, Promise<void>>()

  const dealWith = async (message: JsMsg): Promise<void> => {
    await untilCaughtUp(caughtUp, logger)
    await handle(message)
    message.ack()
    inHand.delete(message.seq)
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
      await Promise.all(inHand.values())
    },
  }
}

async function untilCaughtUp(caughtUp: () => Promise<void>, logger: Logger): Promise<void> {
  for (;;) {
    try {
      return await caughtUp()
    } catch (error) {
      logger.warn({ err: error }, 'configuration.unavailable')
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
