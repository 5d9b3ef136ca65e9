const patienceMs = 1_000
const freshMs = 3_000

/**
 * What metrics ask others for: nobody who reads metrics waits longer than a second for it, least of all in an outage,
 * and readers within a few seconds share one answer. Undefined when there is none: an old figure would look like a new one.
 */
export function askSeldom<T>(
  ask: () => Promise<T | undefined>,
  now: () => number = () => performance.now(),
): () => Promise<T | undefined> {
  let answer: Promise<T | undefined> | undefined
  let askedAt = 0
  return () => {
    if (answer === undefined || now() - askedAt >= freshMs) {
      askedAt = now()
      answer = withPatience(ask)
    }
    return answer
  }
}

async function withPatience<T>(ask: () => Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), patienceMs)
  try {
    return await Promise.race([ask(), late.promise])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
