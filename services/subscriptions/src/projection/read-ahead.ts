import { readStream, sequenceOf, type Broker, type JsMsg, type Logger } from '@jethook/runtime'
import type { Projection } from './projection.ts'
import { readMessage, type ReadMessage } from './read-message.ts'

/** Messages of a stream that were read but not yet written. */
export interface ReadAhead {
  /**
   * The next messages in order: as many as a batch may hold, or those that came until it was time for one. None when
   * nothing came for a while, or when it was closed.
   */
  take(): Promise<readonly ReadMessage[]>
  /** The sequence of the last message read. */
  readonly readUpTo: number
  close(): Promise<void>
}

export interface ReadAheadLimits {
  /** Of a batch. */
  readonly batchMessages: number
  readonly batchBytes: number
  /** How long others are waited for after a message that came when none was expected. */
  readonly lingerMs: number
  /**
   * In bulk: how much later than the one before a batch is taken that is not full, at least and at most. In between, five
   * times what writing that one took: deliveries come first where the machine has enough to do.
   */
  readonly everyMs: readonly [least: number, most: number]
  /** How many messages the broker may send that were not waited for. */
  readonly aheadMessages: number
  /** Of what waits: no more is asked for while it is that much. */
  readonly waitingMessages: number
  readonly waitingBytes: number
  /** How long `take` waits for the first message. */
  readonly idleMs: number
}

export const readAheadLimits: ReadAheadLimits = {
  batchMessages: 2_000,
  batchBytes: 2 * 1_048_576,
  lingerMs: 25,
  everyMs: [100, 500],
  aheadMessages: 250,
  waitingMessages: 10_000,
  waitingBytes: 32 * 1_048_576,
  idleMs: 2_000,
}

interface ReadAheadOptions {
  readonly broker: Broker
  readonly projection: Projection
  /** The sequence after which reading begins. */
  readonly after: number
  readonly logger: Logger
  readonly limits?: ReadAheadLimits
}

/**
 * What waits to be read. Messages without data are read as they come, because a row is a tenth of a message; what others
 * say takes more room than they do.
 */
interface Waiting {
  readonly bytes: number
  readonly message: JsMsg | ReadMessage
}

/** Reads a stream into memory, a bounded part of it at a time. */
export function openReadAhead(options: ReadAheadOptions): ReadAhead {
  const { broker, projection, logger, limits = readAheadLimits } = options
  const { stream, inBulk = false, headersOnly = false } = projection
  // Without their data they are small, and asking for many at once costs the less.
  const ahead = headersOnly ? 10 * limits.aheadMessages : limits.aheadMessages
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let readUpTo = options.after
  const closing = new AbortController()
  /** Resolved by the first message that waits, and when they are enough for a batch. */
  let arrived = Promise.withResolvers<void>()
  let takenAt = -Infinity

  const keep = (message: JsMsg): void => {
    const seq = sequenceOf(message)
    if (seq <= readUpTo) return
    const bytes = message.data.length
    waiting.push({ bytes, message: headersOnly ? readMessage(projection, message) : message })
    waitingBytes += bytes
    readUpTo = seq
    if (waiting.length === 1 || isBatch()) arrived.resolve()
  }

  const reading = readStream(broker, stream, () => readUpTo + 1, keep, logger, {
    headersOnly,
    ahead,
    ...(inBulk && { portionEveryMs: limits.everyMs[0] }),
    isFull: () => waiting.length + ahead > limits.waitingMessages || waitingBytes > limits.waitingBytes,
  })

  const isBatch = (): boolean => waiting.length >= limits.batchMessages || waitingBytes >= limits.batchBytes

  const untilArrived = async (timeoutMs: number, isEnough: () => boolean): Promise<void> => {
    const deadline = performance.now() + timeoutMs
    while (!closing.signal.aborted && !isEnough()) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return
      arrived = Promise.withResolvers<void>()
      await raceWithTimer(arrived.promise, leftMs)
    }
  }

  return {
    async take() {
      const nextAt = inBulk ? takenAt + pauseAfter(performance.now() - takenAt, limits) : 0
      await untilArrived(limits.idleMs, () => waiting.length > 0)
      const untilNextMs = nextAt - performance.now()
      if (waiting.length > 0) await untilArrived(Math.max(limits.lingerMs, untilNextMs), isBatch)
      if (waiting.length === 0 || closing.signal.aborted) return []
      takenAt = performance.now()
      const batch = waiting.slice(0, batchLength(waiting, limits))
      waiting = waiting.slice(batch.length)
      waitingBytes -= bytesOf(batch)
      reading.resume()
      return batch.map(({ message }) => ('items' in message ? message : readMessage(projection, message)))
    },
    get readUpTo() {
      return readUpTo
    },
    async close() {
      closing.abort()
      arrived.resolve()
      await reading.stop()
    },
  }
}

const pauseAfter = (writingMs: number, { everyMs: [least, most] }: ReadAheadLimits): number =>
  Math.min(Math.max(5 * writingMs, least), most)

/** At least one message, however large it is. */
function batchLength(messages: readonly Waiting[], { batchMessages, batchBytes }: ReadAheadLimits): number {
  let bytes = 0
  const end = messages.findIndex((message, index) => {
    bytes += message.bytes
    return index >= batchMessages || (index > 0 && bytes > batchBytes)
  })
  return end === -1 ? messages.length : end
}

const bytesOf = (messages: readonly Waiting[]): number => messages.reduce((sum, { bytes }) => sum + bytes, 0)

async function raceWithTimer(promise: Promise<void>, durationMs: number): Promise<void> {
  const elapsed = Promise.withResolvers<void>()
  const timer = setTimeout(elapsed.resolve, durationMs)
  await Promise.race([promise, elapsed.promise])
  clearTimeout(timer)
}
