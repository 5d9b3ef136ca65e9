import { setTimeout as delay } from 'node:timers/promises'
import { readDomainEvent, StreamName, UnknownDomainEventError, type DomainEvent } from '@jethook/contracts'
import { readStream, type Broker, type JsMsg, type Logger } from '@jethook/runtime'
import { Configuration } from './configuration.ts'
import { runCountsMs, shareNextRun, shareRecentRun } from './share-runs.ts'
import { waitUntil } from './wait-until.ts'

export interface ConfigurationFollower {
  readonly configuration: Configuration
  /**
   * Resolves when every change that its caller was told of before this call is folded in: the read-your-writes promise.
   * Rejects when the stream's leader does not answer. It is asked a hundred times a second at most: what it said a moment
   * ago counts, as whoever stored a change waits for `knownToAll` before it tells anybody.
   */
  caughtUp(): Promise<void>
  /** Resolves when every change that was stored before this call is folded in. Rejects as `caughtUp` does. */
  upToDate(): Promise<void>
  /** Resolves when all that is folded in now counts for whoever calls `caughtUp`, in whatever process, from then on. */
  knownToAll(): Promise<void>
  /** Resolves when the domain event of this sequence is folded in. */
  reached(sequence: number): Promise<void>
  /** False until all that was there at the start has been folded in. */
  readonly ready: boolean
  stop(): Promise<void>
}

/**
 * So long after a change was stored it counts for whoever calls `caughtUp`: nobody is told of it before that. A
 * millisecond more, for clocks of different machines do not run at quite the same speed.
 */
export const changesCountAfterMs = runCountsMs + 1
const leaderTimeoutMs = 3_000
const pauseAfterFailureMs = 500

/**
 * Folds CONFIG in memory, and keeps on folding. Resolves when it has caught up for the first time; `onChange` is told of
 * what happens from then on.
 */
export async function followConfiguration(
  broker: Broker,
  logger: Logger,
  onChange?: (event: DomainEvent) => void,
): Promise<ConfigurationFollower> {
  const configuration = new Configuration()
  const waiting = new Set<{ readonly sequence: number; readonly resolve: () => void }>()
  let sequence = 0
  let foldedAt = -Infinity
  let ready = false

  const reading = readStream(
    broker,
    StreamName.config,
    () => sequence + 1,
    (message) => {
      if (message.seq <= sequence) return
      const event = read(message, logger)
      if (event) {
        configuration.apply(event, message.seq)
        if (ready) onChange?.(event)
      }
      sequence = message.seq
      foldedAt = performance.now()
      for (const waiter of waiting) {
        if (waiter.sequence > sequence) continue
        waiting.delete(waiter)
        waiter.resolve()
      }
    },
    logger,
  )

  const reached = (wanted: number): Promise<void> =>
    wanted <= sequence ? Promise.resolve() : new Promise((resolve) => waiting.add({ sequence: wanted, resolve }))

  const askLeader = async (): Promise<void> => {
    const known = sequence
    const last = await lastSequence(broker)
    if (last < known)
      crash(
        new Error(`CONFIG ends at ${last}, but ${known} was read from it: it was made anew. Starting again with it.`),
      )
    await reached(last)
  }
  const upToDate = shareNextRun(askLeader)

  for (;;) {
    try {
      await upToDate()
      break
    } catch (error) {
      logger.warn({ err: error }, 'configuration.unavailable')
      // NATS may say at once that it cannot tell.
      await delay(pauseAfterFailureMs)
    }
  }
  ready = true
  return {
    configuration,
    caughtUp: shareRecentRun(askLeader),
    upToDate,
    knownToAll: () => waitUntil(foldedAt + changesCountAfterMs),
    reached,
    get ready() {
      return ready
    },
    stop: () => reading.stop(),
  }
}

/** Nothing for what is no domain event: none of our services wrote it, and it must not stop them. */
function read(message: JsMsg, logger: Logger): DomainEvent | undefined {
  try {
    return readDomainEvent(message.json())
  } catch (error) {
    // Going on without it could deliver to the wrong places, or to none.
    if (error instanceof UnknownDomainEventError)
      crash(new Error(`CONFIG was written by a newer version: upgrade this one. ${error.message}`))
    logger.error({ sequence: message.seq, subject: message.subject, err: error }, 'configuration.unreadable')
    return undefined
  }
}

/** Ends the process as what nobody expected does, whoever would catch it here. */
function crash(error: Error): never {
  setImmediate(() => {
    throw error
  })
  throw error
}

/**
 * The last sequence of CONFIG, from the stream's leader: a direct get may be answered by a replica that lags.
 * `>` and not `config.>`: the former is looked up at once, the latter over all subjects (0.12 against 0.62 ms).
 */
async function lastSequence(broker: Broker): Promise<number> {
  const answer = await broker.connection.request(
    `$JS.API.STREAM.MSG.GET.${StreamName.config}`,
    JSON.stringify({ last_by_subj: '>' }),
    { timeout: leaderTimeoutMs },
  )
  const { message, error } = answer.json<{
    message?: { seq: number }
    error?: { err_code: number; description: string }
  }>()
  if (message) return message.seq
  if (error?.err_code === noMessageFound) return 0
  throw new Error(`JetStream did not tell the end of ${StreamName.config}: ${error?.description ?? 'no answer'}.`)
}

const noMessageFound = 10_037
