import { Configuration } from '@jethook/configuration'
import { createLogger, type Broker } from '@jethook/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBringForward } from './bring-forward.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const never = (): never => {
  throw new Error('nobody asks for it while the calendar cannot be read')
}

/** A calendar that fails a number of times, and then is empty. */
function given(failures: number) {
  let asked = 0
  const info = () =>
    ++asked <= failures ? Promise.reject(new Error('no leader')) : Promise.resolve({ state: { last_seq: 0 } })
  const bringForward = createBringForward({
    broker: { manager: { streams: { info } } } as unknown as Broker,
    configuration: new Configuration(),
    lanes: {
      enter: never,
      pause: never,
      turnAnew: never,
      forgetTurns() {},
      forgetEndpoint: never,
      lastTurn: never,
      stop: never,
    },
    prepare: never,
    logger: createLogger('test', 'silent'),
  })
  return { bringForward, asked: () => asked }
}

const subscription = { id: 'sub_1', tenant: 'acme' }

test('a calendar that cannot be read is read again, less and less often, until that works', async () => {
  const { bringForward, asked } = given(3)
  bringForward(subscription)
  for (const [afterMs, times] of [
    [0, 1],
    [1_000, 2],
    [2_000, 3],
    [4_000, 4],
  ] as const) {
    await vi.advanceTimersByTimeAsync(afterMs)
    expect(asked()).toBe(times)
  }
  // Once more for stragglers; then it is done.
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked()).toBe(5)
})

test('what is asked for while it waits is begun at once', async () => {
  const { bringForward, asked } = given(1)
  bringForward(subscription)
  await vi.advanceTimersByTimeAsync(0)
  bringForward(subscription)
  await vi.advanceTimersByTimeAsync(0)
  expect(asked()).toBe(2)
})

test('nothing is tried again after a stop', async () => {
  const { bringForward, asked } = given(10)
  bringForward(subscription)
  await vi.advanceTimersByTimeAsync(0)
  bringForward.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked()).toBe(1)
})
