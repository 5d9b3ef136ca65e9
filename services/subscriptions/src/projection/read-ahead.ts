import { readStream, type Broker, type Consumption, type Logger } from '@jethook/runtime'
import type { StreamMessage } from './projection.ts'

/** Messages of a stream that were read but not yet written. */
export interface ReadAhead {
  /**
   * The next messages in order: as many as a batch may hold, or those that came within the linger after the first.
   * None when nothing came for a while, or when it was closed.
   */
  take(): Promise<readonly StreamMessage[]>
  /** The sequence of the last message read. */
  readonly readUpTo: number
  close(): Promise<void>
}

export interface ReadAheadLimits {
  /** Of a batch. */
  readonly batchMessages: number
  readonly batchBytes: number
  /** How old the first message of a batch may get while others are waited for. */
  readonly lingerMs: number
  /** Of what waits: beyond it reading stops until half of it is written. */
  readonly waitingMessages: number
  readonly waitingBytes: number
  /** How long `take` waits for the first message. */
  readonly idleMs: number
}

export const readAheadLimits: ReadAheadLimits = {
  batchMessages: 2_000,
  batchBytes: 2 * 1_048_576,
  lingerMs: 25,
  waitingMessages: 10_000,
  waitingBytes: 32 * 1_048_576,
  idleMs: 2_000,
}

interface ReadAheadOptions {
  readonly broker: Broker
  readonly stream: string
  /** Messages come without their data. */
  readonly headersOnly?: boolean | undefined
  /** The sequence after which reading begins. */
  readonly after: number
  readonly logger: Logger
  readonly limits?: ReadAheadLimits
}

/**
 * Reads a stream into memory, a bounded part of it at a time. A consumption cannot be paused, so a full house ends it,
 * what arrives meanwhile is dropped, and reading starts anew behind the last message that was kept.
 */
export function openReadAhead(options: ReadAheadOptions): ReadAhead {
  const { broker, stream, logger, headersOnly = false, limits = readAheadLimits } = options
  let waiting: StreamMessage[] = []
  let waitingBytes = 0
  let readUpTo = options.after
  let reading: Consumption | undefined
  let stopping: Promise<void> | undefined
  const closing = new AbortController()
  let arrived = Promise.withResolvers<void>()

  const keep = (message: StreamMessage): void => {
    if (reading === undefined || message.seq <= readUpTo) return
    waiting.push(message)
    waitingBytes += message.data.length
    readUpTo = message.seq
    arrived.resolve()
    if (waiting.length < limits.waitingMessages && waitingBytes < limits.waitingBytes) return
    stopping = reading.stop()
    reading = undefined
  }

  const read = (): void => {
    reading = readStream(broker, stream, () => readUpTo + 1, keep, logger, { headersOnly })
  }

  const readOnWhenThereIsRoom = async (): Promise<void> => {
    if (reading !== undefined || waiting.length > limits.waitingMessages / 2 || waitingBytes > limits.waitingBytes / 2)
      return
    await stopping
    if (!closing.signal.aborted) read()
  }

  const isFull = (): boolean => waiting.length >= limits.batchMessages || waitingBytes >= limits.batchBytes

  const untilArrived = async (timeoutMs: number, isEnough: () => boolean): Promise<void> => {
    const deadline = performance.now() + timeoutMs
    while (!closing.signal.aborted && !isEnough()) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return
      arrived = Promise.withResolvers<void>()
      await raceWithTimer(arrived.promise, leftMs)
    }
  }

  read()
  return {
    async take() {
      await readOnWhenThereIsRoom()
      await untilArrived(limits.idleMs, () => waiting.length > 0)
      if (waiting.length > 0) await untilArrived(limits.lingerMs, isFull)
      if (closing.signal.aborted) return []
      const batch = waiting.slice(0, batchLength(waiting, limits))
      waiting = waiting.slice(batch.length)
      waitingBytes -= bytesOf(batch)
      return batch
    },
    get readUpTo() {
      return readUpTo
    },
    async close() {
      closing.abort()
      arrived.resolve()
      await Promise.all([stopping, reading?.stop()])
    },
  }
}

/** At least one message, however large it is. */
function batchLength(messages: readonly StreamMessage[], { batchMessages, batchBytes }: ReadAheadLimits): number {
  let bytes = 0
  const end = messages.findIndex((message, index) => {
    bytes += message.data.length
    return index >= batchMessages || (index > 0 && bytes > batchBytes)
  })
  return end === -1 ? messages.length : end
}

const bytesOf = (messages: readonly StreamMessage[]): number =>
  messages.reduce((bytes, { data }) => bytes + data.length, 0)

async function raceWithTimer(promise: Promise<void>, durationMs: number): Promise<void> {
  const elapsed = Promise.withResolvers<void>()
  const timer = setTimeout(elapsed.resolve, durationMs)
  await Promise.race([promise, elapsed.promise])
  clearTimeout(timer)
}
