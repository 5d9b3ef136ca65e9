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
const sayAgainAfterMs = 10_000
/** What takes longer to finish at a stop is left to another dispatcher, after the acknowledge-wait. */
const finishWithinMs = 20_000
const retryUnexpectedMs = 30_000
/** Well below the consumers' acknowledge-wait. */
const keepAliveEveryMs = 6_000

/**
 * Takes messages from a shared consumer, and acknowledges each when it is dealt with: the only place where that
 * happens. A message that comes again while it is in hand (its acknowledgement was overdue because the broker was
 * away) is left alone: the acknowledgement of the first time counts.
 */
export function consumeMessages(definition: ConsumerDefinition, options: ConsumeOptions): Consumption {
  const { broker, logger, handle } = options
  const changesAreKnown = untilCaughtUp(options.caughtUp, logger)
  const inHand = new Map<number, { readonly message: JsMsg; readonly since: number; readonly work: Promise<void> }>()

  const keepAlive = setInterval(() => {
    const before = performance.now() - keepAliveEveryMs / 2
    for (const { message, since } of inHand.values()) if (since <= before) message.working()
  }, keepAliveEveryMs)

  const dealWith = async (message: JsMsg): Promise<void> => {
    try {
      await changesAreKnown()
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
      inHand.set(message.seq, { message, since: performance.now(), work: dealWith(message) })
    },
    logger,
  )
  return {
    async stop() {
      await consumption.stop()
      await Promise.race([
        Promise.all([...inHand.values()].map(({ work }) => work)),
        delay(finishWithinMs, undefined, { ref: false }),
      ])
      clearInterval(keepAlive)
      if (inHand.size > 0) logger.warn({ messages: inHand.size }, 'consumer.left_unfinished')
    },
  }
}

function untilCaughtUp(caughtUp: () => Promise<void>, logger: Logger): () => Promise<void> {
  let saidAt = -Infinity
  return async () => {
    for (;;) {
      try {
        return await caughtUp()
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
