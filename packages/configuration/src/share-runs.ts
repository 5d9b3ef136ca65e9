type Run = () => Promise<void>

/** Callers that arrive while a run is under way share the next one: each gets a run that began after it called. */
export function shareNextRun(run: Run): Run {
  let current: Promise<void> | undefined
  let queued: Promise<void> | undefined

  const afterCurrent = async (): Promise<void> => {
    await current?.catch(() => undefined)
    queued = undefined
    current = run()
    await current
  }
  return () => (queued ??= afterCurrent())
}

/** What a run has found counts so long from its beginning. */
export const runCountsMs = 15
/** The next one begins before that is over, so that of many callers hardly any has to wait for it. */
const nextAfterMs = 10

interface Caller {
  readonly since: number
  /** When the run began that it is to get. */
  readonly from: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Each caller gets a run that began `runCountsMs` before it called, or later. One that fails counts as long. Nobody goes on before
 * who called before, also where a later run is done first: events would change their order.
 */
export function shareRecentRun(run: Run): Run {
  const succeeded = Promise.resolve()
  let succeededFrom = -Infinity
  let latestFrom = -Infinity
  /** Of the latest run, if it has failed. */
  let failure: Promise<void> | undefined
  /** In the order of their calls. */
  let waiting: Caller[] = []

  const end = (isFor: (caller: Caller) => boolean, settle: (caller: Caller) => void): void => {
    const theirs = waiting.filter(isFor)
    waiting = waiting.filter((caller) => !isFor(caller))
    for (const caller of theirs) settle(caller)
  }
  const runFrom = async (from: number): Promise<void> => {
    latestFrom = from
    failure = undefined
    try {
      await run()
    } catch (error) {
      const rejected = Promise.reject(error)
      rejected.catch(() => undefined)
      if (from === latestFrom) failure = rejected
      return end(
        (caller) => caller.from === from,
        ({ reject }) => reject(error),
      )
    }
    succeededFrom = Math.max(succeededFrom, from)
    end(
      ({ since }) => since - from < runCountsMs,
      ({ resolve }) => resolve(),
    )
  }
  return () => {
    const now = performance.now()
    const counts = now - succeededFrom < runCountsMs
    if (now - latestFrom >= (counts ? nextAfterMs : runCountsMs)) void runFrom(now)
    if (counts) return succeeded
    return failure ?? new Promise((resolve, reject) => waiting.push({ since: now, from: latestFrom, resolve, reject }))
  }
}
