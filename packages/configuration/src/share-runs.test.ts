import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCountsMs, shareNextRun, shareRecentRun } from './share-runs.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Runs that take so long; the latest begin of all that have succeeded. */
function recordRuns(durationMs: () => number) {
  const begins: number[] = []
  let failing = false
  let found = -Infinity
  const run = async (): Promise<void> => {
    const begin = performance.now()
    begins.push(begin)
    await new Promise((resolve) => setTimeout(resolve, durationMs()))
    if (failing) throw new Error('no answer')
    found = Math.max(found, begin)
  }
  return { begins, run, fail: (value: boolean) => (failing = value), found: () => found }
}

/** Calls every so many milliseconds, and tells of each call when it was and what had been found when it was answered. */
async function callEvery(everyMs: number, calls: number, call: () => Promise<void>, found: () => number) {
  const answers: { calledAt: number; answeredAt: number; found: number }[] = []
  for (let nth = 0; nth < calls; nth++) {
    const calledAt = performance.now()
    void call().then(() => answers.push({ calledAt, answeredAt: performance.now(), found: found() }))
    await vi.advanceTimersByTimeAsync(everyMs)
  }
  await vi.advanceTimersByTimeAsync(10_000)
  expect(answers).toHaveLength(calls)
  return answers
}

test.each([0, 1, 4, 9, 14, 40, 300])(
  'nobody is told what a run found that began more than 15 ms earlier, when runs take up to %i ms',
  async (longestMs) => {
    let nth = 0
    const runs = recordRuns(() => (nth++ * 7) % (longestMs + 1))
    for (const everyMs of [1, 3, 13, 16, 50]) {
      const answers = await callEvery(everyMs, 200, shareRecentRun(runs.run), runs.found)
      for (const { calledAt, found } of answers) expect(found).toBeGreaterThan(calledAt - runCountsMs)
      // Nor does anybody go on before who called before.
      const calls = answers.map(({ calledAt }) => calledAt)
      expect(calls).toEqual(calls.toSorted((a, b) => a - b))
    }
  },
)

test('however many call, a run begins every 10 ms at most, and those after the first wait for none', async () => {
  const runs = recordRuns(() => 3)
  const answers = await callEvery(1, 1_000, shareRecentRun(runs.run), runs.found)
  expect(runs.begins).toHaveLength(100)
  expect(Math.max(...answers.map(({ calledAt, answeredAt }) => answeredAt - calledAt))).toBe(3)
  expect(answers.filter(({ calledAt, answeredAt }) => answeredAt > calledAt)).toHaveLength(3)
})

test('a failure is that of all who call within 15 ms, and of nobody who has what counts', async () => {
  const runs = recordRuns(() => 1)
  const call = shareRecentRun(runs.run)
  const outcome = (): Promise<string> => {
    const called = call().then(
      () => 'ok',
      () => 'failed',
    )
    return vi.advanceTimersByTimeAsync(1).then(() => called)
  }
  runs.fail(true)
  expect([await outcome(), await outcome()]).toEqual(['failed', 'failed'])
  expect(runs.begins).toHaveLength(1)
  runs.fail(false)
  await vi.advanceTimersByTimeAsync(runCountsMs)
  expect(await outcome()).toBe('ok')
  runs.fail(true)
  await vi.advanceTimersByTimeAsync(10)
  expect([await outcome(), await outcome()]).toEqual(['ok', 'ok'])
  await vi.advanceTimersByTimeAsync(5)
  expect(await outcome()).toBe('failed')
})

test('who must know what is there now gets a run that began after the call, and shares it', async () => {
  const runs = recordRuns(() => 20)
  const answers = await callEvery(1, 100, shareNextRun(runs.run), runs.found)
  for (const { calledAt, found } of answers) expect(found).toBeGreaterThanOrEqual(calledAt)
  expect(runs.begins.length).toBeLessThanOrEqual(7)
})
