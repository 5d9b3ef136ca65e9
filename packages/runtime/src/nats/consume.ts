import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumerDefinition } from '@jethook/contracts'
import {
  DeliverPolicy,
  JetStreamApiError,
  type Consumer,
  type ConsumerInfo,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream'
import type { Subscription } from '@nats-io/transport-node'
import type { Logger } from '../logger.ts'
import { ensureConsumer } from './ensure-streams.ts'
import type { Broker } from './broker.ts'
import { pacePulls, type Pace, type Pulls } from './pace-pulls.ts'

/** Fast to notice a lost leader or a deleted consumer: 8 s where the client's defaults once took over 18. */
const pulling = { expires: 5_000, idle_heartbeat: 1_000 }
/** Seconds without a heartbeat after which consuming starts anew. */
const heartbeatsToMiss = 5
const pauseAfterFailureMs = 500
/** How much comes again, at most, when a consumer has to be made anew. */
const rememberEveryMs = 5_000
const drainWithinMs = 2_000
const silenceMs = 250

export interface Consumption {
  /** False while the stream or the consumer is not there, or not reachable. */
  working(): boolean
  /** Takes no more messages; resolves when the last one has been handed over. */
  stop(): Promise<void>
}

export interface HeldConsumption extends Consumption {
  /** Asks for messages again, if that was held back and there is room now. Cheap. */
  resume(): void
}

export interface ConsumeOptions {
  /** How many messages the broker may send ahead. */
  readonly ahead?: number
  /** While this is so, no more messages are asked for; those sent ahead still come. */
  readonly isFull?: () => boolean
}

/**
 * Consumes a shared durable consumer for ever: when it was deleted it is created again, when it falls silent it is
 * started again. `handle` must not throw; it acknowledges in its own time.
 */
export function consumeShared(
  broker: Broker,
  definition: ConsumerDefinition,
  handle: (message: JsMsg) => void,
  logger: Logger,
  { ahead = 500, isFull = () => false }: ConsumeOptions = {},
): HeldConsumption {
  let lastSeen: ConsumerInfo | undefined
  const remember = setInterval(() => {
    void broker.manager.consumers
      .info(definition.stream, definition.name)
      .then((info) => (lastSeen = info))
      .catch(() => undefined)
  }, rememberEveryMs)
  remember.unref()

  const consumption = consumeForEver(
    `${definition.stream}/${definition.name}`,
    broker,
    logger,
    { isFull, ahead },
    async () => {
      lastSeen = await ensureConsumer(broker.manager, definition, lastSeen)
      const consumer = broker.jetstream.consumers.getConsumerFromInfo(lastSeen)
      return consumer.consume({ ...pulling, bind: true, max_messages: ahead, callback: handle })
    },
  )
  return {
    working: () => consumption.working(),
    resume: () => consumption.resume(),
    stop() {
      clearInterval(remember)
      return consumption.stop()
    },
  }
}

export interface ReadStreamOptions extends ConsumeOptions {
  /** Messages come without their data. */
  readonly headersOnly?: boolean
  /**
   * Messages are asked for so often at most, unless there are very many, and those that came meanwhile come together: each
   * costs the reader half of one that comes alone. One that comes after a silence comes at once. What is asked for
   * at a start comes as it comes.
   */
  readonly portionEveryMs?: number
}

/**
 * Reads a whole stream in order, from `nextSequence()` on, and goes on with what arrives. Whenever reading has to
 * start again, `nextSequence` says where.
 */
export function readStream(
  broker: Broker,
  stream: string,
  nextSequence: () => number | Promise<number>,
  handle: (message: JsMsg) => void,
  logger: Logger,
  { headersOnly = false, ahead = 1_000, isFull = () => false, portionEveryMs = 0 }: ReadStreamOptions = {},
): HeldConsumption {
  return consumeForEver(stream, broker, logger, { isFull, portionEveryMs, ahead }, async () => {
    const consumer: Consumer = await broker.jetstream.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: await nextSequence(),
      headers_only: headersOnly,
    })
    return consumer.consume({ ...pulling, max_messages: ahead, callback: handle })
  })
}

function consumeForEver(
  name: string,
  broker: Broker,
  logger: Logger,
  pace: Pace,
  start: () => Promise<ConsumerMessages>,
): HeldConsumption {
  const stopping = new AbortController()
  let working = false
  let pulls: Pulls | undefined

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        // Starting asks for messages, whether or not there is room.
        if (pace.isFull()) {
          await delay(pauseAfterFailureMs, undefined, { signal: stopping.signal }).catch(() => undefined)
          continue
        }
        const messages = await start()
        pulls = pacePulls(messages, pace)
        working = true
        const why = await untilBroken(messages, stopping.signal, pulls)
        working = false
        pulls.end()
        pulls = undefined
        if (stopping.signal.aborted) await drain(messages)
        messages.stop()
        await messages.closed()
        if (why) logger.warn({ consumer: name, why }, 'consumer.restarted')
      } catch (error) {
        logger.warn({ consumer: name, err: error }, 'consumer.unavailable')
        if (isStreamMissing(error)) await broker.heal().catch(() => undefined)
        await delay(pauseAfterFailureMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const running = run()

  return {
    working: () => working,
    resume: () => pulls?.resume(),
    async stop() {
      stopping.abort()
      await running
    },
  }
}

const streamNotFound = 10_059

const isStreamMissing = (error: unknown): boolean => error instanceof JetStreamApiError && error.code === streamNotFound

/** Waits until consuming no longer works, and says why, or until it shall stop. */
async function untilBroken(messages: ConsumerMessages, signal: AbortSignal, pulls: Pulls): Promise<string | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const broken = (async () => {
    for await (const status of messages.status()) {
      pulls.heard(status)
      if (status.type === 'heartbeats_missed' && status.count >= heartbeatsToMiss && !pulls.held) return 'silent'
      if (
        status.type === 'consumer_deleted' ||
        status.type === 'consumer_not_found' ||
        status.type === 'stream_not_found' ||
        // All that the client says when a consumer is gone that it was told not to look for, or has no leader.
        status.type === 'no_responders'
      )
        return status.type
    }
    return 'closed'
  })()
  return Promise.race([stopped, broken, messages.closed().then(() => 'closed')])
}

/**
 * Takes what the broker is already sending. The client's own `stop` drops it, and it would come again only after the
 * acknowledge-wait. It has no public way to stop asking for more but go on taking: what it asks and takes with it keeps
 * to itself. The subscription must stay until the broker is silent: asked for messages just before it ends, the broker
 * would send them to nobody (one stop in ten left up to 500 behind).
 */
async function drain(messages: ConsumerMessages): Promise<void> {
  const internals = messages as unknown as { isConsume: boolean; readonly sub?: Subscription }
  internals.isConsume = false
  let received: number
  do {
    received = messages.getReceived()
    await delay(silenceMs)
  } while (messages.getReceived() > received)

  const { sub } = internals
  if (!sub || sub.isClosed()) return
  await Promise.race([sub.drain(), delay(drainWithinMs, undefined, { ref: false })])
}
