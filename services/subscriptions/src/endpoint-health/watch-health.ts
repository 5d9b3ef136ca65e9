import { setTimeout as delay } from 'node:timers/promises'
import type { Configuration } from '@jethook/configuration'
import { MessageHeader, StreamName } from '@jethook/contracts'
import { readHeaders, readStream, type Broker, type Consumption, type JsMsg, type Logger } from '@jethook/runtime'
import { createTurns } from '../append/take-turns.ts'
import type { ActOnCondition } from './act-on-condition.ts'
import { foldResults, type Condition, type Conditions } from './condition.ts'
import { resultsWorthFolding } from './results-worth-folding.ts'
import { createSnapshots } from './snapshots.ts'
import type { Streak } from './streak.ts'

/** Watches how attempts go, over all dispatchers, and acts on what it sees. */
export interface HealthWatch {
  /** The failures of a subscription since its last success. */
  streakOf(subscriptionId: string): Streak | undefined
  stop(): Promise<void>
}

export interface HealthWatchOptions {
  readonly broker: Broker
  readonly configuration: Configuration
  readonly act: ActOnCondition
  readonly logger: Logger
}

const snapshotEveryMs = 5_000
const tryAgainMs = 1_000
/** Nobody waits for what follows from it. */
const portionEveryMs = 100

/**
 * Each replica folds all of ATTEMPTS, from where the last snapshot of any of them ends: two see the same, and decide the
 * same. A snapshot holds what has not been acted upon yet, too, so whoever reads it does that.
 */
export function watchHealth({ broker, configuration, act, logger }: HealthWatchOptions): HealthWatch {
  const conditions: Conditions = new Map()
  const snapshots = createSnapshots(broker)
  const stopping = new AbortController()
  const acting = new Map<string, Promise<void>>()
  /** One after the other: what its owner changes goes in between, however many fail at once. */
  const takeTurns = createTurns()
  let position = 0
  let savedPosition = 0
  /** Where ATTEMPTS ended when reading it began: until that is folded in, what seems to fail may have recovered long ago. */
  let end = 0
  let isBehind = true
  let reading: Consumption | undefined

  const activeSince = ({ tenant }: Pick<Condition, 'tenant'>, subscriptionId: string): number | undefined => {
    const subscription = configuration.subscription(tenant, subscriptionId)
    return subscription?.active ? subscription.activeSince : undefined
  }

  /** Resolves with whether there is nothing left to do. */
  const actNow = async (subscriptionId: string): Promise<boolean> => {
    for (;;) {
      const condition = conditions.get(subscriptionId)
      if (!condition || stopping.signal.aborted) return true
      try {
        const left = await act(subscriptionId, condition)
        // More may have come meanwhile: then once more, with that.
        if (conditions.get(subscriptionId) !== condition) continue
        if (left) conditions.set(subscriptionId, left)
        else conditions.delete(subscriptionId)
        return true
      } catch (error) {
        logger.warn({ err: error, tenant: condition.tenant, subscriptionId }, 'health.not_acted_upon')
        return false
      }
    }
  }
  const actUntilDone = async ({ tenant }: Condition, subscriptionId: string): Promise<void> => {
    while (!(await takeTurns(tenant, () => actNow(subscriptionId))))
      await delay(tryAgainMs, undefined, { signal: stopping.signal }).catch(() => undefined)
  }
  const startActing = (subscriptionId: string): void => {
    const condition = conditions.get(subscriptionId)
    if (!condition || acting.has(subscriptionId)) return
    const work = actUntilDone(condition, subscriptionId).finally(() => acting.delete(subscriptionId))
    acting.set(subscriptionId, work)
  }

  const actOnAll = (): void => {
    isBehind = false
    for (const id of conditions.keys()) startActing(id)
  }

  const fold = (message: JsMsg): void => {
    if (message.seq <= position) return
    position = message.seq
    for (const results of resultsWorthFolding(readHeaders(message).get(MessageHeader.results), conditions)) {
      const mayAskForAction = foldResults(conditions, results, activeSince(results, results.subscriptionId))
      if (mayAskForAction && !isBehind) startActing(results.subscriptionId)
    }
    if (isBehind && position >= end) actOnAll()
  }

  const save = async (): Promise<void> => {
    if (position === savedPosition) return
    // What was deleted fails no more, and nobody asks about it.
    for (const [id, { tenant }] of conditions) if (!configuration.subscription(tenant, id)) conditions.delete(id)
    const snapshot = { position, conditions: [...conditions] }
    await snapshots.save(snapshot)
    savedPosition = snapshot.position
  }

  const run = async (): Promise<void> => {
    const loaded = await untilDone(() => snapshots.load(), 'health.not_loaded')
    if (loaded) {
      for (const [id, condition] of loaded.conditions) conditions.set(id, condition)
      position = savedPosition = loaded.position
    }
    const next = async (): Promise<number> => {
      // A stream that was made anew begins anew.
      const { state } = await broker.manager.streams.info(StreamName.attempts)
      if (state.last_seq < position) position = 0
      end = state.messages > 0 ? state.last_seq : 0
      isBehind = true
      if (position >= end) actOnAll()
      return position + 1
    }
    if (stopping.signal.aborted) return
    reading = readStream(broker, StreamName.attempts, next, fold, logger, { headersOnly: true, portionEveryMs })
    while (!stopping.signal.aborted) {
      await delay(snapshotEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      await save().catch((error: unknown) => logger.warn({ err: error }, 'health.not_saved'))
    }
  }

  async function untilDone<T>(action: () => Promise<T>, failure: string): Promise<T | undefined> {
    while (!stopping.signal.aborted) {
      try {
        return await action()
      } catch (error) {
        logger.warn({ err: error }, failure)
        await delay(tryAgainMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
    return undefined
  }

  const running = run()
  return {
    streakOf: (subscriptionId) => conditions.get(subscriptionId)?.streak,
    async stop() {
      stopping.abort()
      await reading?.stop()
      await Promise.all(acting.values())
      await running
    },
  }
}
