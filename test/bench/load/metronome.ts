import { Worker } from 'node:worker_threads'

/** Times on the shared clock. */
export interface Beat {
  readonly startMs: number
  readonly gapMs: number
  readonly count: number
}

/**
 * Calls `onDue` with how many are due by now, each time that more are. Timers are too coarse for a millisecond, so a
 * thread of its own sleeps until then; meanwhile this one is free to read what comes in.
 */
export async function followBeat(beat: Beat, onDue: (due: number) => void): Promise<void> {
  const thread = new Worker(new URL('./metronome-thread.ts', import.meta.url), { workerData: beat })
  await new Promise<void>((resolve, reject) => {
    thread.on('message', onDue)
    thread.once('error', reject)
    thread.once('exit', () => resolve())
  })
}
