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

/** Each caller gets a run that began `runCountsMs` before it called, or later. One that fails counts as long. */
export function shareRecentRun(run: Run): Run {
  const succeeded = Promise.resolve()
  let succeededFrom = -Infinity
  let latest = succeeded
  let latestFrom = -Infinity

  const runFrom = async (now: number): Promise<void> => {
    await run()
    succeededFrom = Math.max(succeededFrom, now)
  }
  return () => {
    const now = performance.now()
    const counts = now - succeededFrom < runCountsMs
    if (now - latestFrom >= (counts ? nextAfterMs : runCountsMs)) {
      latestFrom = now
      latest = runFrom(now)
      latest.catch(() => undefined)
    }
    return counts ? succeeded : latest
  }
}
