import { Configuration } from '@jethook/configuration'
import { createLogger, type Broker, type StoredMsg } from '@jethook/runtime'
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

type Look = Parameters<Broker['manager']['direct']['getLastMessagesFor']>[1]

/** A calendar that fails a number of times, and then is empty. Each look at it takes a while. */
function given(failures: number, lookTakesMs = 0) {
  let asked = 0
  let looking = 0
  let mostLooking = 0
  const getLastMessagesFor = (_stream: string, { callback }: Look): Promise<void> => {
    mostLooking = Math.max(mostLooking, ++looking)
    const err = ++asked <= failures ? new Error('no leader') : undefined
    const answer = (): void => {
      looking--
      callback?.({ ...(err && { err }) }, {} as StoredMsg)
    }
    if (lookTakesMs > 0) setTimeout(answer, lookTakesMs)
    else answer()
    return Promise.resolve()
  }
  const bringForward = createBringForward({
    broker: { manager: { direct: { getLastMessagesFor } } } as unknown as Broker,
    configuration: new Configuration(),
    lanes: {
      enter: never,
      pause: never,
      tellPauses: never,
      turnAnew: never,
      forgetTurns() {},
      forgetEndpoint: never,
      lastTurn: never,
      stop: never,
    },
    prepare: never,
    logger: createLogger('test', 'silent'),
  })
  return { bringForward, asked: () => asked, mostLooking: () => mostLooking }
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

test('however many are to be brought forward, there is one look at the calendar at a time', async () => {
  const { bringForward, asked, mostLooking } = given(0, 10)
  for (let nth = 1; nth <= 1_000; nth++) bringForward({ id: `sub_${nth}`, tenant: 'acme' })
  await vi.advanceTimersByTimeAsync(60_000)
  // Each twice, for stragglers.
  expect(asked()).toBe(2_000)
  expect(mostLooking()).toBe(1)
})
