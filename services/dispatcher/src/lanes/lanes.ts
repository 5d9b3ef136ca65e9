import { Lane, type Coming, type LaneContext, type LaneOwner, type LaneTurn } from './lane.ts'
import type { LaneRules } from './lane-rules.ts'
import type { Deferral } from './put-off.ts'

/**
 * The lanes of all subscriptions that have, or lately had, work. Lanes have a clock of their own, which nobody sets; here
 * its times become those of the calendar, and of everybody else.
 */
export interface Lanes {
  enter(subscription: LaneOwner, rules: LaneRules, coming: Coming): LaneTurn | Promise<LaneTurn | Deferral> | Deferral
  /** The receiver of a subscription asked to be left alone for so long, or takes something again: 0. */
  pause(subscription: LaneOwner, forMs: number): void
  /** Which receivers asked to be left alone, and for how long still. */
  tellPauses(tell: LaneContext['paused']): void
  /** Another turn for one who waits in the calendar, milliseconds since the epoch; see Lane. */
  turnAnew(subscription: LaneOwner, rules: LaneRules, probing: boolean): number
  forgetTurns(subscriptionId: string): void
  forgetEndpoint(subscriptionId: string): void
  /** The last turn that was given to somebody in the calendar, milliseconds since the epoch; long ago when none was. */
  lastTurn(subscriptionId: string): number
  /** Defers everybody who waits, and whoever would wait from now on. */
  stop(): void
}

/** Each lane is swept twice a second, a few at a time: what those of one moment put off comes not all at once. */
const sweepEveryMs = 500
const portionEveryMs = 25

export function createLanes(context: LaneContext): Lanes {
  const lanes = new Map<string, Lane>()
  let stopping = false

  const laneOf = ({ id, tenant }: LaneOwner): Lane => {
    let lane = lanes.get(id)
    if (!lane) lanes.set(id, (lane = new Lane(context, { id, tenant })))
    return lane
  }

  /** Milliseconds since the epoch, of a time on the lanes' clock. */
  const dateOf = (time: number): number => Math.round(time + Date.now() - context.now())
  const dated = (entered: LaneTurn | Deferral): LaneTurn | Deferral =>
    'leave' in entered ? entered : { ...entered, deferUntil: dateOf(entered.deferUntil) }

  let round = lanes.entries()
  let sweptAt = context.now()
  let toSweep = 0
  const sweeper = setInterval(() => {
    const now = context.now()
    toSweep = Math.min(toSweep + (lanes.size * (now - sweptAt)) / sweepEveryMs, lanes.size)
    sweptAt = now
    for (; toSweep >= 1; toSweep--) {
      let next = round.next()
      if (next.done) next = (round = lanes.entries()).next()
      if (next.done) return
      const [id, lane] = next.value
      if (lane.sweep()) lanes.delete(id)
    }
  }, portionEveryMs)

  return {
    enter(subscription, rules, coming) {
      const lane = laneOf(subscription)
      const entered = lane.enter(rules, coming)
      if (stopping) lane.clear()
      return entered instanceof Promise ? entered.then(dated) : dated(entered)
    },
    pause(subscription, forMs) {
      laneOf(subscription).pause(forMs)
    },
    tellPauses(tell) {
      for (const lane of lanes.values()) lane.tellPause(tell)
    },
    turnAnew(subscription, rules, probing) {
      return dateOf(laneOf(subscription).turnAnew(rules, probing))
    },
    forgetTurns: (subscriptionId) => lanes.get(subscriptionId)?.forgetTurns(),
    forgetEndpoint: (subscriptionId) => lanes.get(subscriptionId)?.forgetEndpoint(),
    lastTurn: (subscriptionId) => dateOf(lanes.get(subscriptionId)?.lastTurn ?? 0),
    stop() {
      stopping = true
      clearInterval(sweeper)
      for (const lane of lanes.values()) lane.clear()
    },
  }
}
