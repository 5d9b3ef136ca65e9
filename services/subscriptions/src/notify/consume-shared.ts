import type { ConsumerDefinition } from '@jethook/contracts'
import { consumeShared, type Broker, type Consumption, type JsMsg, type Logger } from '@jethook/runtime'
import type { z } from 'zod'

/** What became of a message. */
export type Result = 'done' | { readonly againInMs: number }

export interface Arrival {
  /** From 1. */
  readonly attempt: number
  /** Names the message for ever: sequences start again when a stream is made anew, time does not. */
  readonly name: string
}

/** Never rejects. */
export type Handle<T> = (content: T, arrival: Arrival) => Promise<Result>

export interface ConsumeOptions<T> {
  readonly broker: Broker
  readonly logger: Logger
  readonly schema: z.ZodType<T>
  readonly handle: Handle<T>
}

/** How many messages are remembered as done, for those whose acknowledgement was lost and that come again. */
const remembered = 1_000

/** Takes messages, shared with the other replicas, and acknowledges each when it is done: the only place that does. */
export function consume<T>(
  definition: ConsumerDefinition,
  { broker, logger, schema, handle }: ConsumeOptions<T>,
): Consumption {
  const inHand = new Map<number, Promise<void>>()
  const done = new Set<number>()

  const resultOf = async (message: JsMsg): Promise<Result> => {
    const content = schema.safeParse(parseJson(message))
    if (content.success) {
      const name = `${message.timestampNanos}/${message.seq}`
      return handle(content.data, { attempt: message.info.deliveryCount, name })
    }
    // From a newer version, in the middle of an upgrade: one of those takes care of what it knows.
    logger.error({ subject: message.subject, err: content.error }, 'notice.unknown')
    return 'done'
  }

  const dealWith = async (message: JsMsg): Promise<void> => {
    const result = await resultOf(message)
    if (result === 'done') {
      remember(done, message.seq)
      message.ack()
    } else {
      message.nak(result.againInMs)
    }
    inHand.delete(message.seq)
  }

  const consumption = consumeShared(
    broker,
    definition,
    (message) => {
      if (inHand.has(message.seq)) return
      if (done.has(message.seq)) message.ack()
      else inHand.set(message.seq, dealWith(message))
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

function remember(done: Set<number>, sequence: number): void {
  done.add(sequence)
  const [oldest] = done
  if (done.size > remembered && oldest !== undefined) done.delete(oldest)
}

function parseJson(message: JsMsg): unknown {
  try {
    return message.json()
  } catch {
    return undefined
  }
}
