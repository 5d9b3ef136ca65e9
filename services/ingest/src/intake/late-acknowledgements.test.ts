import type { JsMsg } from '@jethook/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LateAcknowledgements } from './late-acknowledgements.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function hold(count: number) {
  const acknowledged: number[] = []
  const acknowledgements = new LateAcknowledgements(({ seq }) => void acknowledged.push(seq))
  for (let seq = 0; seq < count; seq++) acknowledgements.add({ seq } as JsMsg)
  return { acknowledgements, acknowledged }
}

test('while messages come the latest stay unacknowledged, and never more than 32', () => {
  const { acknowledged } = hold(1_000)
  expect(acknowledged.length).toBeGreaterThan(1_000 - 32)
  expect(acknowledged.length).toBeLessThanOrEqual(1_000 - 8)
  expect(acknowledged).toEqual(Array.from(acknowledged, (_, index) => index))
})

test.each([1, 20, 45])(
  'of messages that come every %i ms the latest is always held, and none for longer than 100 ms',
  (everyMs) => {
    const { acknowledgements, acknowledged } = hold(0)
    for (let seq = 0; seq * everyMs < 2_000; seq++) {
      acknowledgements.add({ seq } as JsMsg)
      vi.advanceTimersByTime(everyMs)
      expect(acknowledged.length).toBeLessThanOrEqual(seq)
      expect(seq + 1 - acknowledged.length).toBeLessThanOrEqual(Math.ceil(100 / everyMs))
    }
  },
)

test('when no more come, all are acknowledged', () => {
  const { acknowledged } = hold(3)
  expect(acknowledged).toEqual([])
  vi.advanceTimersByTime(100)
  expect(acknowledged).toEqual([0, 1, 2])
})

test('at a stop all are acknowledged at once', () => {
  const { acknowledgements, acknowledged } = hold(3)
  acknowledgements.flush()
  expect(acknowledged).toEqual([0, 1, 2])
})
