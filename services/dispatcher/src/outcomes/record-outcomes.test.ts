import type { DeliveryOutcome } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { createOutcomeRecorder } from './record-outcomes.ts'
import type { StoreMessage } from './store-message.ts'

const outcomeWith = (body: string) =>
  ({ outcome: { type: 'delivered' }, attempt: { response: { body } } }) as unknown as DeliveryOutcome

test('no message is larger than the broker takes, whatever receivers answer', async () => {
  const sizes: number[] = []
  const store: StoreMessage = async (_subject, payload) => void sizes.push(Buffer.byteLength(payload))
  const recorder = createOutcomeRecorder(store, 'test', 1_048_576)
  // What 16 KiB that are no text become: three bytes for each.
  const recorded = Array.from({ length: 90 }, () => recorder.record(outcomeWith('\ufffd'.repeat(16_384))))
  await Promise.all(recorded)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(90 * 49_152)
  expect(Math.max(...sizes)).toBeLessThan(1_048_576)
})
