import { expect, test } from 'vitest'
import { makeCertain } from './make-certain.ts'

/** A keeper whose stores take so long. */
function keeperThatTakes(ms: number) {
  const clock = { now: 10_000 }
  const keeper = {
    confirmedAt: 10_000,
    saves: 0,
    async save() {
      clock.now += ms
      keeper.confirmedAt = clock.now
      keeper.saves++
    },
  }
  return { clock, keeper, makeCertain: () => makeCertain(keeper, () => clock.now) }
}

test('what was certain a moment ago need not be stored again', async () => {
  const it = keeperThatTakes(10)
  it.clock.now += 3_000
  expect(await it.makeCertain()).toBe(true)
  expect(it.keeper.saves).toBe(0)
})

test.each([
  [10, true],
  [30_000, false],
])('a turn that waited %d ms for NATS may be used: %s; the next one may be used at once', async (ms, expected) => {
  const it = keeperThatTakes(ms)
  it.clock.now += 3_001
  expect(await it.makeCertain()).toBe(expected)
  expect(await it.makeCertain()).toBe(true)
  expect(it.keeper.saves).toBe(1)
})
