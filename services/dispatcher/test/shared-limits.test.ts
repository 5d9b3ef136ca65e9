import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  for (const _ of [1, 2, 3]) await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

/** Answers after a while, and counts how many it had at the same time. */
function counting(tookMs: number) {
  const count = { now: 0, most: 0 }
  const respond = async (): Promise<number> => {
    count.most = Math.max(count.most, ++count.now)
    await delay(tookMs)
    count.now--
    return 200
  }
  return { count, respond }
}

test.each([1, 2])(
  'concurrency %i is that of all dispatchers together, also where they are more',
  async (concurrency) => {
    const { count, respond } = counting(20)
    const endpoint = await fixture.endpoint(respond, { concurrency })
    await endpoint.accept(150)
    await endpoint.receiver.waitFor(150, 30_000)
    expect(count.most).toBe(concurrency)
    expect(new Set(endpoint.numbers()).size).toBe(150)
    // Each of the dispatchers had some of them.
    const writers = await waitFor(async () => {
      const outcomes = await endpoint.outcomes(150)
      return outcomes.every(({ attempt }) => attempt?.number === 1 || attempt === null) && outcomes
    })
    expect(writers.length).toBeGreaterThanOrEqual(150)
  },
)
