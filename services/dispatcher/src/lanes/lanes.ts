import { Lane, type Deferral, type Turn } from './lane.ts'

/** The lanes of all subscriptions that have work right now. */
export interface Lanes {
  enter(subscriptionId: string, concurrency: number): Turn | Promise<Turn | Deferral> | Deferral
  /** Defers everybody who waits, and whoever would wait from now on. */
  stop(): void
}

const sweepEveryMs = 500

export function createLanes(now: () => number): Lanes {
  const lanes = new Map<string, Lane>()
  let stopping = false

  const sweeper = setInterval(() => {
    for (const [id, lane] of lanes) {
      lane.deferQueue(false)
      // What an idle lane knows of its endpoint's speed is soon learnt again.
      if (lane.idle) lanes.delete(id)
    }
  }, sweepEveryMs)

  return {
    enter(subscriptionId, concurrency) {
      let lane = lanes.get(subscriptionId)
      if (!lane) lanes.set(subscriptionId, (lane = new Lane(now)))
      const entered = lane.enter(concurrency)
      if (stopping) lane.deferQueue(true)
      return entered
    },
    stop() {
      stopping = true
      clearInterval(sweeper)
      for (const lane of lanes.values()) lane.deferQueue(true)
    },
  }
}
