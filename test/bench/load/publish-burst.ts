import { monotonicMs } from '../measure/monotonic.ts'
import { createPayload } from './payload.ts'

/** Stores payloads of consecutive numbers, beginning with `first`; resolves when they are stored. */
export type Publish = (payloads: readonly Buffer[], first: number) => Promise<void>

const chunk = 100
const chunksUnderway = 8

/** Publishes events as fast as they are taken. */
export async function publishBurst(publish: Publish, run: number, count: number): Promise<void> {
  let next = 0
  const publishChunks = async (): Promise<void> => {
    while (next < count) {
      const first = next
      next = Math.min(count, first + chunk)
      const payloads = Array.from({ length: next - first }, (_, index) =>
        createPayload(run, first + index, monotonicMs()),
      )
      await publish(payloads, first)
    }
  }
  await Promise.all(Array.from({ length: chunksUnderway }, publishChunks))
}
