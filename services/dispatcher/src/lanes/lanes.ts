import { Lane, type Coming, type Deferral, type LaneContext, type LaneRules, type Turn } from './lane.ts'

interface LaneOwner {
  readonly id: string
  readonly tenant: string
}

/** The lanes of all subscriptions that have, or lately had, work. */
export interface Lanes {
  enter(subscription: LaneOwner, rules: LaneRules, coming: Coming): Turn | Promise<Turn | Deferral> | Deferral
  /** The receiver of a subscription asked for a pause until then, milliseconds since the epoch. */
  pause(subscription: LaneOwner, until: number): void
  /** Defers everybody who waits, and whoever would wait from now on. */
  stop(): void
}

const sweepEveryMs = 500

export function createLanes(context: LaneContext): Lanes {
  const lanes = new Map<string, Lane>()
  let stopping = false

  const laneOf = ({ id, tenant }: LaneOwner): Lane => {
    let lane = lanes.get(id)
    if (!lane) lanes.set(id, (lane = new Lane(context, tenant)))
    return lane
  }

  const sweeper = setInterval(() => {
    for (const [id, lane] of lanes) if (lane.sweep()) lanes.delete(id)
  }, sweepEveryMs)

  return {
    enter(subscription, rules, coming) {
      const lane = laneOf(subscription)
      const entered = lane.enter(rules, coming)
      if (stopping) lane.clear()
      return entered
    },
    pause(subscription, until) {
      laneOf(subscription).pause(until)
    },
    stop() {
      stopping = true
      clearInterval(sweeper)
      for (const lane of lanes.values()) lane.clear()
    },
  }
}
