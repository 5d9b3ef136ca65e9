import type { DeliveryOutcome } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { createOutcomeRecorder } from './record-outcomes.ts'

const outcomeWith = (body: string) => ({ attempt: { response: { body } } }) as unknown as DeliveryOutcome

test('no message is larger than the broker takes, whatever receivers answer', async () => {
  const sizes: number[] = []
  const recorder = createOutcomeRecorder(async (_subject, payload) => {
    sizes.push(Buffer.byteLength(payload))
  }, 'test')
  // What 16 KiB that are no text become: three bytes for each.
  const recorded = Array.from({ length: 90 }, () => recorder.record(outcomeWith('\ufffd'.repeat(16_384))))
  await Promise.all(recorded)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(90 * 49_152)
  expect(Math.max(...sizes)).toBeLessThan(1_048_576)
})
