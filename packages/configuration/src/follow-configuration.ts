import { readDomainEvent, StreamName, UnknownDomainEventError, type DomainEvent } from '@jethook/contracts'
import { readStream, type Broker, type JsMsg, type Logger } from '@jethook/runtime'
import { Configuration } from './configuration.ts'

export interface ConfigurationFollower {
  readonly configuration: Configuration
  /**
   * Resolves when every change that had returned to its caller before this call is folded in: the read-your-writes
   * promise. Calls share one question to the stream's leader; under load they share it by the hundreds.
   * Rejects when the leader does not answer.
   */
  caughtUp(): Promise<void>
  /** Resolves when the domain event of this sequence is folded in. */
  reached(sequence: number): Promise<void>
  /** False until all that was there at the start has been folded in. */
  readonly ready: boolean
  stop(): Promise<void>
}

/** From one question to the leader to the next in the long run, so that asking costs at most a tenth of a core. */
const questionSpacingMs = 1
/** So many need not wait for one another: a timer costs as much as a question, and is a millisecond late. */
const questionsAtOnce = 3
const leaderTimeoutMs = 3_000

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
  const caughtUp = shareNextRun(askLeader)

  for (;;) {
    try {
      await caughtUp()
      break
    } catch (error) {
      logger.warn({ err: error }, 'configuration.unavailable')
    }
  }
  ready = true
  return {
    configuration,
    caughtUp,
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
 * Callers that arrive while a run is under way share the next one: each gets a run that began after it called.
 */
function shareNextRun(run: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  let queued: Promise<void> | undefined
  let mayBegin = questionsAtOnce
  let earnedAt = performance.now()

  const earn = (): void => {
    const now = performance.now()
    mayBegin = Math.min(questionsAtOnce, mayBegin + (now - earnedAt) / questionSpacingMs)
    earnedAt = now
  }

  const afterCurrent = async (): Promise<void> => {
    await current?.catch(() => undefined)
    earn()
    if (mayBegin < 1) await new Promise((resolve) => setTimeout(resolve, questionSpacingMs))
    earn()
    mayBegin--
    queued = undefined
    current = run()
    await current
  }
  return () => (queued ??= afterCurrent())
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
