import type { JsMsg } from '@jethook/runtime'
import { expect, test, vi } from 'vitest'
import { LateAcknowledgements } from './late-acknowledgements.ts'

function hold(count: number) {
  const acknowledged: number[] = []
  const settled = new LateAcknowledgements(({ seq }) => void acknowledged.push(seq))
  for (let seq = 0; seq < count; seq++) settled.add({ seq } as JsMsg)
  return { settled, acknowledged }
}

test('while messages come the latest stay unacknowledged, and never more than 32', () => {
  const { acknowledged } = hold(1_000)
  expect(acknowledged.length).toBeGreaterThan(1_000 - 32)
  expect(acknowledged.length).toBeLessThanOrEqual(1_000 - 8)
  expect(acknowledged).toEqual(Array.from(acknowledged, (_, index) => index))
})

test('when no more come, all are acknowledged', async () => {
  const { acknowledged } = hold(3)
  expect(acknowledged).toEqual([])
  await vi.waitFor(() => expect(acknowledged).toEqual([0, 1, 2]))
})

test('at a stop all are acknowledged at once', () => {
  const { settled, acknowledged } = hold(3)
  settled.flush()
  expect(acknowledged).toEqual([0, 1, 2])
})
