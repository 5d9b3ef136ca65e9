import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Capacity } from './capacity.ts'
import { Lane } from './lane.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

/** The same in each run: 0.0, 0.7, 0.4, 0.1, … */
function evenly(): () => number {
  let n = 0
  return () => ((n++ * 7) % 10) / 10
}

const minute = 60_000
/** The calendar looks every so often what is due. */
const calendarStepMs = 250

/** When attempts begin at an endpoint that has this limit, and more to do than that allows. */
async function attemptsWithin(ms: number, perSecond: number): Promise<number[]> {
  const random = evenly()
  const team = { count: 1, since: -Infinity }
  const lane = new Lane(
    {
      now: Date.now,
      random,
      capacity: new Capacity(1_000),
      team: () => team,
      keeps: () => true,
      isCrowded: () => false,
      recovered: () => undefined,
      paused: () => undefined,
    },
    { id: 'sub_1', tenant: 'acme' },
  )
  const rules = {
    concurrency: 10,
    rateLimit: { perSecond, burst: 1 },
    circuitBreaker: true,
    exclusive: false,
  }
  const begun: number[] = []
  const deliver = async (due: boolean): Promise<void> => {
    const turn = await lane.enter(rules, { due, probing: false })
    if ('deferUntil' in turn) {
      const firedAt = Math.ceil(turn.deferUntil / calendarStepMs) * calendarStepMs
      setTimeout(() => void deliver(true), firedAt - Date.now())
      return
    }
    begun.push(Date.now())
    setTimeout(() => turn.leave({ result: 'succeeded', overloaded: false }), 10 + 20 * random())
  }
  const sweeper = setInterval(() => lane.sweep(), 500)
  // The first ones all at once, then as many as the limit allows, whenever they come.
  for (let n = 0; n < perSecond * 20; n++) void deliver(false)
  for (let n = 0; n < (perSecond * ms) / 1_000; n++) setTimeout(() => void deliver(false), ms * ((n * 0.618) % 1))
  await vi.advanceTimersByTimeAsync(ms)
  clearInterval(sweeper)
  return begun
}

test.each([0.05, 0.5, 1, 7, 20])('%d a second are that within one in twenty, over each minute', async (perSecond) => {
  const begun = await attemptsWithin(3 * minute, perSecond)
  const expected = (perSecond * minute) / 1_000
  for (let from = 0; from <= 2 * minute; from += minute / 4) {
    const count = begun.filter((at) => at >= from && at < from + minute).length
    // One more or less, as a minute may begin right before an attempt, or right after it.
    expect(count).toBeLessThanOrEqual(expected * 1.05 + 1)
    expect(count).toBeGreaterThanOrEqual(expected * 0.95 - 1)
  }
})
