import { Lane, type Coming, type LaneContext, type LaneOwner, type Turn } from './lane.ts'
import type { LaneRules } from './lane-rules.ts'
import type { Deferral } from './put-off.ts'

/** The lanes of all subscriptions that have, or lately had, work. */
export interface Lanes {
  enter(subscription: LaneOwner, rules: LaneRules, coming: Coming): Turn | Promise<Turn | Deferral> | Deferral
  /** The receiver of a subscription asked for a pause until then, milliseconds since the epoch. */
  pause(subscription: LaneOwner, until: number): void
  /** Another turn for one who waits in the calendar; see Lane. */
  turnAnew(subscription: LaneOwner, rules: LaneRules): number | undefined
  forgetTurns(subscriptionId: string): void
  forgetEndpoint(subscriptionId: string): void
  /** The last turn that was given to somebody in the calendar; 0 when none was. */
  lastTurn(subscriptionId: string): number
  /** Defers everybody who waits, and whoever would wait from now on. */
  stop(): void
}

const sweepEveryMs = 500

export function createLanes(context: LaneContext): Lanes {
  const lanes = new Map<string, Lane>()
  let stopping = false

  const laneOf = ({ id, tenant }: LaneOwner): Lane => {
    let lane = lanes.get(id)
    if (!lane) lanes.set(id, (lane = new Lane(context, { id, tenant })))
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
    turnAnew: (subscription, rules) => laneOf(subscription).turnAnew(rules),
    forgetTurns: (subscriptionId) => lanes.get(subscriptionId)?.forgetTurns(),
    forgetEndpoint: (subscriptionId) => lanes.get(subscriptionId)?.forgetEndpoint(),
    lastTurn: (subscriptionId) => lanes.get(subscriptionId)?.lastTurn ?? 0,
    stop() {
      stopping = true
      clearInterval(sweeper)
      for (const lane of lanes.values()) lane.clear()
    },
  }
}
