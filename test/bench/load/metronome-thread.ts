import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs } from '../measure/monotonic.ts'
import type { Beat } from './metronome.ts'

const { startMs, gapMs, count } = workerData as Beat
const cell = new Int32Array(new SharedArrayBuffer(4))

for (let due = 0; due < count;) {
  const waitMs = startMs + due * gapMs - monotonicMs()
  if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs)
  due = Math.min(count, Math.floor((monotonicMs() - startMs) / gapMs) + 1)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
  parentPort?.postMessage(due)
}
