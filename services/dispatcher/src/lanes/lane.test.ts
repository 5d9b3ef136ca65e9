import { expect, test } from 'vitest'
import { thresholds } from '../breaker/breaker.ts'
import { Capacity } from './capacity.ts'
import type { Shown } from './endpoint.ts'
import { Lane, type LaneOwner, type LaneTurn } from './lane.ts'
import type { LaneRules } from './lane-rules.ts'
import type { Deferral } from './put-off.ts'

const fresh = { due: false, probing: false }
const due = { due: true, probing: false }
const probe = { due: false, probing: true }
const good: Shown = { result: 'succeeded', overloaded: false }
const failed: Shown = { result: 'failed', overloaded: false }
const timedOut: Shown = { result: 'timed_out', overloaded: false }

function laneAt(
  now: number,
  {
    capacity = new Capacity(1_000),
    dispatchers = 1,
    keeps = true,
    crowded = false,
    ...rules
  }: Partial<LaneRules> & { capacity?: Capacity; dispatchers?: number; keeps?: boolean; crowded?: boolean } = {},
) {
  const clock = { now }
  const recovered: string[] = []
  const paused: number[] = []
  const context = {
    now: () => clock.now,
    random: () => 0,
    capacity,
    team: () => it.team,
    keeps: () => it.keeps,
    isCrowded: () => crowded,
    recovered: ({ id }: LaneOwner) => void recovered.push(id),
    paused: (_owner: LaneOwner, forMs: number) => void paused.push(forMs),
  }
  const it = { team: { count: dispatchers, since: -Infinity }, keeps }
  const lane = new Lane(context, { id: 'sub_1', tenant: 'acme' })
  const allRules = { concurrency: 1, rateLimit: null, circuitBreaker: true, exclusive: false, ...rules }
  return {
    clock,
    /** Who shares the work; can be changed. */
    dispatchers: it,
    lane,
    recovered,
    paused,
    allRules,
    enter: (coming = fresh) => lane.enter(allRules, coming),
    start(coming = fresh): LaneTurn {
      const entered = lane.enter(allRules, coming)
      if (!('leave' in entered)) throw new Error(`expected a turn at once, got ${JSON.stringify(entered)}`)
      return entered
    },
    /** Starts, takes some time, and leaves. */
    attempt(shown: Shown, tookMs = 5, coming = fresh): void {
      const turn = this.start(coming)
      clock.now += tookMs
      turn.leave(shown)
    },
    /** Grows the window to its limit. */
    warmUp(): void {
      for (let i = 0; i < 20; i++) this.attempt(good)
    },
  }
}

const deferredUntil = (entered: ReturnType<Lane['enter']>): number => (entered as Deferral).deferUntil

test('gives turns at once up to the concurrency, when the endpoint is known to be quick', () => {
  const it = laneAt(0, { concurrency: 4 })
  it.warmUp()
  for (const _ of [1, 2, 3, 4]) it.start()
  expect(it.enter()).toBeInstanceOf(Promise)
})

test('an endpoint that nobody knows gets one at first', () => {
  const it = laneAt(0, { concurrency: 10 })
  it.start()
  expect(it.enter()).toBeInstanceOf(Promise)
})

test.each([
  ['share it', 10, 3],
  ['leave it to one of them where there is not enough for all', 2, 2],
])('of the concurrency dispatchers %s', (_name, concurrency, here) => {
  const it = laneAt(0, { concurrency, dispatchers: 3 })
  it.warmUp()
  for (let i = 0; i < here; i++) it.start()
  expect(it.enter()).toBeInstanceOf(Promise)
})

test('who waits where turns are no longer given out is deferred, and asks again elsewhere', async () => {
  const it = laneAt(0, { concurrency: 1 })
  it.start()
  const waiting = it.enter()
  Object.assign(it.dispatchers, { team: { count: 2, since: 0 }, keeps: false })
  it.lane.sweep()
  expect(await waiting).toHaveProperty('deferUntil')
})

test('another dispatcher may have used what was saved up of a rate limit: who takes over has what came since', () => {
  const it = laneAt(100_000, { concurrency: 100, rateLimit: { perSecond: 10, burst: 10 } })
  it.dispatchers.team = { count: 2, since: 99_850 }
  for (const _ of [1, 2]) it.attempt(good, 0)
  expect(it.enter()).toBeInstanceOf(Promise)
})

test('the first in the queue gets the turn that is given back', async () => {
  const it = laneAt(0)
  const first = it.start()
  const second = it.enter()
  first.leave(good)
  expect(await second).toHaveProperty('leave')
})

test('giving a turn back twice counts once', () => {
  const it = laneAt(0)
  const first = it.start()
  first.leave()
  it.start()
  first.leave()
  expect(it.enter()).toBeInstanceOf(Promise)
})

test('defers while the endpoint hangs, before anything has timed out', () => {
  const it = laneAt(0)
  it.start()
  it.clock.now = 5_000
  expect(it.enter()).toEqual({ deferUntil: 10_000, reason: 'saturated' })
})

test('those who waited in vain come back in the order in which they came, the first as soon as there may be a slot', async () => {
  const it = laneAt(0)
  it.start()
  const waiting = [it.enter(), it.enter(), it.enter()].map((entered) => Promise.resolve(entered))
  it.clock.now = 2_001
  it.lane.sweep()
  expect((await Promise.all(waiting)).map(deferredUntil)).toEqual([2 * 2_001, 3 * 2_001, 4 * 2_001])
})

test.each([
  ['a slot', 1, { perSecond: 100, burst: 100 }, 'saturated'],
  ['a token', 0, { perSecond: 0.1, burst: 2 }, 'rate_limited'],
])(
  'under a rate limit, who waits for %s is called %i times when the endpoint is quick again',
  (_, calls, rateLimit, reason) => {
    const it = laneAt(0, { rateLimit })
    it.attempt(timedOut, 5_000)
    const turn = it.start()
    it.clock.now += 1_500
    expect([it.enter(), it.enter(), it.enter()].at(-1)).toMatchObject({ reason })
    turn.leave(good)
    expect(it.recovered).toHaveLength(calls)
  },
)

test('of a burst for an endpoint that nobody knows yet some wait here, and the others come back soon', () => {
  const it = laneAt(0, { concurrency: 10 })
  const entered = Array.from({ length: 600 }, () => it.enter())
  expect(entered.filter((one) => one instanceof Promise).length).toBe(100)
  const turns = entered.filter((one) => 'deferUntil' in one).map(deferredUntil)
  expect(Math.max(...turns)).toBeLessThan(2_100)
})

test('those who are deferred get turns one after the other', () => {
  const it = laneAt(0, { concurrency: 2 })
  it.attempt(good, 0)
  for (const _ of [1, 2]) it.start()
  it.clock.now = 4_000
  it.lane.sweep()
  expect([1, 2, 3].map(() => deferredUntil(it.enter()))).toEqual([6_000, 8_000, 10_000])
})

test('a burst waits for a quick endpoint here, and does not go by way of the calendar', () => {
  const it = laneAt(0, { concurrency: 10 })
  it.warmUp()
  for (let i = 0; i < 10; i++) it.start()
  for (let i = 0; i < 1_000; i++) expect(it.enter()).toBeInstanceOf(Promise)
  expect(it.enter()).toHaveProperty('deferUntil')
})

test('of a tenant with too much waiting here, and of those who come from the calendar, nobody waits long', () => {
  for (const [crowded, coming, oldestMs] of [
    [true, fresh, 1],
    [false, due, 15_000],
  ] as const) {
    const it = laneAt(0, { concurrency: 10, crowded })
    it.warmUp()
    for (let i = 0; i < 10; i++) it.start()
    it.clock.now += oldestMs
    expect(it.enter(coming)).toMatchObject({ reason: 'saturated' })
  }
})

test('who was told to come later is called when the endpoint has nothing to do, now and then', () => {
  const it = laneAt(10_000, { concurrency: 1 })
  const first = it.start()
  it.clock.now += 1_500
  expect(deferredUntil(it.enter())).toBeGreaterThan(it.clock.now + 1_000)
  expect(it.recovered).toEqual([])
  first.leave(good)
  expect(it.recovered).toEqual(['sub_1'])
  it.attempt(good)
  expect(it.recovered).toEqual(['sub_1'])
})

test('of one that was slow they are called as well, but more seldom, and not when it timed out', () => {
  const it = laneAt(10_000, { concurrency: 1 })
  const attemptSlowly = (shown: Shown): void => {
    const turn = it.start()
    it.clock.now += 4_000
    expect(deferredUntil(it.enter())).toBeGreaterThan(it.clock.now + 1_000)
    turn.leave(shown)
  }
  attemptSlowly(timedOut)
  expect(it.recovered).toHaveLength(0)
  attemptSlowly(good)
  expect(it.recovered).toHaveLength(1)
  attemptSlowly(good)
  expect(it.recovered).toHaveLength(1)
  it.clock.now += 60_000
  attemptSlowly(good)
  expect(it.recovered).toHaveLength(2)
})

test('nobody is deferred by more than ten minutes for being many', () => {
  const it = laneAt(0)
  it.start()
  it.clock.now = 30_000
  for (let i = 0; i < 100; i++) expect(deferredUntil(it.enter())).toBeLessThanOrEqual(630_000)
})

test('who waits longer than expected is deferred', async () => {
  const it = laneAt(0)
  it.start()
  const waiting = it.enter()
  it.clock.now = 2_500
  it.lane.sweep()
  expect(await waiting).toMatchObject({ deferUntil: expect.any(Number), reason: 'saturated' })
})

test('all who wait are deferred when the dispatcher stops', async () => {
  const it = laneAt(0)
  it.start()
  const waiting = it.enter()
  it.lane.clear()
  expect(await waiting).toHaveProperty('deferUntil')
})

test('beyond the rate limit turns are given out to the calendar, in order and each once', () => {
  const it = laneAt(0, { concurrency: 100, rateLimit: { perSecond: 10, burst: 1 } })
  it.attempt(good, 0)
  const entered = Array.from({ length: 1_000 }, () => it.enter())
  const turns = entered.filter((one) => !(one instanceof Promise)).map(deferredUntil)
  // Those expected within a second wait here.
  expect(entered.length - turns.length).toBe(10)
  expect(turns[0]).toBe(1_100)
  // Nearly as they come: who is a bit early waits, but a token for which nobody is there is lost.
  expect(turns.at(-1)).toBe(1_100 + 97 * (turns.length - 1))
})

test('who comes anew goes behind those who wait in the calendar for their tokens; who is due goes', () => {
  const it = laneAt(0, { rateLimit: { perSecond: 1, burst: 1 } })
  it.attempt(good, 0)
  expect([1, 2, 3].map(() => it.enter()).map((one) => (one instanceof Promise ? 'waits' : deferredUntil(one)))).toEqual(
    ['waits', 2_000, 2_970],
  )
  it.lane.clear()
  it.clock.now = 1_000
  expect(deferredUntil(it.enter())).toBe(4_910)
  expect(it.enter(due)).toHaveProperty('leave')
})

test('who is due waits for its token while there are places, also where tokens take long', async () => {
  const capacity = new Capacity(4)
  const [one, another] = [1, 2].map(() => laneAt(0, { capacity, rateLimit: { perSecond: 0.1, burst: 1 } }))
  one!.attempt(good, 0)
  another!.attempt(good, 0)
  const waiting = one!.enter(due)
  expect(waiting).toBeInstanceOf(Promise)
  expect(another!.enter(due)).toHaveProperty('deferUntil')
  one!.lane.clear()
  await waiting
  expect(another!.enter(due)).toBeInstanceOf(Promise)
})

test('a limit that is raised lets those go who wait here', async () => {
  const it = laneAt(0, { rateLimit: { perSecond: 1, burst: 1 } })
  it.attempt(good, 0)
  const waiting = it.enter()
  it.clock.now = 500
  void it.lane.enter({ ...it.allRules, rateLimit: { perSecond: 1_000, burst: 1 } }, fresh)
  it.clock.now = 600
  void it.lane.enter({ ...it.allRules, rateLimit: null }, fresh)
  expect(await waiting).toHaveProperty('leave')
})

test('tokens that nobody comes for are not kept', () => {
  const it = laneAt(0, { rateLimit: { perSecond: 1, burst: 1 } })
  it.attempt(good, 0)
  for (let i = 0; i < 100; i++) void it.enter()
  it.lane.clear()
  it.clock.now = 10_000
  expect(it.enter()).toHaveProperty('leave')
})

test('an endpoint that only fails gets nothing for a while, and nothing is lost of those who come', () => {
  const it = laneAt(0)
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  const probes = Array.from({ length: thresholds.successesToClose }, () => it.enter())
  expect(probes).toEqual(probes.map(() => ({ deferUntil: thresholds.firstOpenMs, reason: 'circuit_open' })))
  expect(it.enter(due)).toMatchObject({ reason: 'circuit_open' })
})

test('the longer an outage lasts, the later the others come back, one after the other', () => {
  const it = laneAt(0)
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  // Two probes fail, after 5 and after 15 seconds.
  it.clock.now = 5_000
  it.attempt(failed, 0, due)
  it.clock.now = 15_000
  it.attempt(failed, 0, due)
  it.clock.now = 30_000
  const turns = Array.from({ length: 5 }, () => deferredUntil(it.enter(due)))
  expect(turns.slice(0, 3)).toEqual([35_000, 35_000, 35_000])
  expect(turns[3]).toBe(60_000)
  expect(turns[4]).toBeGreaterThan(60_000)
})

test('when the endpoint is back, those who wait are given new turns, at its own pace', () => {
  const it = laneAt(0, { concurrency: 10 })
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  for (let i = 0; i < 1_000; i++) void it.enter()
  it.clock.now = thresholds.firstOpenMs
  for (let i = 0; i < thresholds.successesToClose; i++) it.attempt(good, 0, due)
  expect(it.recovered).toEqual(['sub_1'])
  it.lane.forgetTurns()
  const { now } = it.clock
  const turns = Array.from({ length: 3 }, () => it.lane.turnAnew(it.allRules, false) - now)
  expect(turns).toEqual([1_000, 1_002, 1_004])
})

test('those who are given new turns while nobody gets through come when somebody does', () => {
  const it = laneAt(0)
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  it.lane.forgetTurns()
  const turns = Array.from({ length: 3 }, () => it.lane.turnAnew(it.allRules, false))
  expect(turns).toEqual([5_000, 5_002, 5_004])
})

test('an endpoint that comes back gets few at the same time at first, however it failed', () => {
  const it = laneAt(0, { concurrency: 10 })
  it.warmUp()
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  it.clock.now += thresholds.firstOpenMs
  for (let i = 0; i < thresholds.successesToClose; i++) it.attempt(good, 50, due)
  for (let i = 0; i < 4; i++) it.start(due)
  expect(it.enter(due)).not.toHaveProperty('leave')
})

test('a test event passes an open breaker', () => {
  const it = laneAt(0)
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  expect(it.enter(probe)).toHaveProperty('leave')
})

test('a test event does not go behind those who wait in the calendar for their tokens', () => {
  const it = laneAt(0, { rateLimit: { perSecond: 0.1, burst: 1 } })
  it.attempt(good, 0)
  for (let i = 0; i < 100; i++) void it.enter()
  expect(deferredUntil(it.enter(probe))).toBe(10_000)
  it.clock.now = 10_000
  expect(it.enter({ ...probe, due: true })).toHaveProperty('leave')
})

test.each([
  ['while the breaker is open', failed, thresholds.failuresInRow],
  ['during a pause', { ...failed, overloaded: true, pauseMs: 3_600_000 }, 1],
])('a test event that finds no slot comes again soon, also %s', (_name, shown, attempts) => {
  const it = laneAt(0, { concurrency: 2 })
  it.attempt(good)
  const hanging = it.start()
  it.clock.now += 2_500
  for (let i = 0; i < attempts; i++) it.attempt(shown, 0)
  for (let i = 0; i < 10; i++) void it.enter()
  expect(deferredUntil(it.enter(probe)) - it.clock.now).toBeLessThan(5_000)
  hanging.leave(failed)
  it.clock.now += 5_000
  expect(it.enter({ ...probe, due: true })).toHaveProperty('leave')
})

test('without a breaker an endpoint that only fails gets everything', () => {
  const it = laneAt(0, { circuitBreaker: false })
  for (let i = 0; i < 50; i++) it.attempt(failed, 0)
  expect(it.enter()).toHaveProperty('leave')
})

test('a time-out takes the window back to one', () => {
  const it = laneAt(0, { concurrency: 10 })
  it.warmUp()
  it.attempt(timedOut, 1_000)
  it.start()
  expect(it.enter()).not.toHaveProperty('leave')
})

test('a receiver that asks for a pause is left alone by all, and gets few afterwards', () => {
  const it = laneAt(0, { concurrency: 10 })
  it.warmUp()
  const { now } = it.clock
  it.attempt({ result: 'failed', overloaded: true, pauseMs: 30_000 }, 0)
  expect(it.enter()).toMatchObject({ deferUntil: now + 30_000, reason: 'slowed_down' })
  expect(deferredUntil(it.enter(due))).toBeGreaterThan(now + 30_000)
  it.clock.now = now + 30_000
  it.start(due)
  expect(it.enter(due)).not.toHaveProperty('leave')
})

test('every pause is told to the other dispatchers, one that was heard of is not', () => {
  const it = laneAt(0)
  it.attempt({ result: 'failed', overloaded: true }, 0)
  expect(it.paused).toEqual([1_000])
  it.lane.pause(60_000)
  it.attempt({ result: 'failed', overloaded: true, pauseMs: 30_000 }, 0, probe)
  expect(it.paused).toEqual([1_000])
})

test('a successful probe ends the pause, here and at the other dispatchers, and calls those in the calendar', () => {
  const it = laneAt(0)
  it.attempt({ result: 'failed', overloaded: true, pauseMs: 3_600_000 }, 0)
  expect(it.enter()).toMatchObject({ reason: 'slowed_down' })
  it.attempt(failed, 0, probe)
  expect(it.enter()).toMatchObject({ reason: 'slowed_down' })
  it.attempt(good, 0, probe)
  expect(it.enter()).toHaveProperty('leave')
  expect([it.paused, it.recovered]).toEqual([[3_600_000, 0], ['sub_1']])
})

test('so does one where no pause is known: it may be one of before a restart', () => {
  const it = laneAt(0)
  it.attempt(good, 0, probe)
  expect([it.paused, it.recovered]).toEqual([[0], ['sub_1']])
})

test('a pause is told again, with what is left of it, for as long as there is one', () => {
  const it = laneAt(0)
  const told: number[] = []
  const tell = (_owner: LaneOwner, forMs: number) => void told.push(forMs)
  it.lane.tellPause(tell)
  it.lane.pause(60_000)
  it.clock.now += 20_000
  it.lane.tellPause(tell)
  it.clock.now += 40_000
  it.lane.tellPause(tell)
  expect([told, it.paused]).toEqual([[40_000], []])
})

test('a probe that is taken with the wish for nothing more does not end it', () => {
  const it = laneAt(0)
  it.attempt({ result: 'failed', overloaded: true, pauseMs: 3_600_000 }, 0)
  it.attempt({ result: 'succeeded', overloaded: false, pauseMs: 60_000 }, 0, probe)
  expect(it.enter()).toMatchObject({ reason: 'slowed_down' })
})

test('an attempt from before the pause does not end it', () => {
  const it = laneAt(0, { concurrency: 10 })
  it.warmUp()
  const before = it.start()
  it.attempt({ result: 'failed', overloaded: true, pauseMs: 3_600_000 }, 0)
  before.leave(good)
  expect(it.enter()).toMatchObject({ reason: 'slowed_down' })
})

test('a pause that was ended at another dispatcher is over', () => {
  const it = laneAt(0)
  it.lane.pause(600_000)
  it.lane.pause(0)
  expect(it.enter()).toHaveProperty('leave')
})

test('a receiver that takes this one and wants nothing any more is left alone', () => {
  const it = laneAt(0)
  it.attempt({ result: 'succeeded', overloaded: false, pauseMs: 60_000 }, 0)
  expect(it.enter()).toMatchObject({ reason: 'slowed_down' })
  expect(it.paused).toEqual([60_000])
})

test('each overload without a word of how long makes the pause longer, a success ends that', () => {
  const it = laneAt(0)
  const overloaded: Shown = { result: 'failed', overloaded: true }
  const pausesMs = [overloaded, overloaded, overloaded, good, overloaded].map((shown) => {
    it.attempt(shown, 0, probe)
    if (shown === good) return 0
    const entered = it.enter()
    it.lane.clear()
    const { now } = it.clock
    it.clock.now = now + 60_000
    return entered instanceof Promise ? 1_000 : deferredUntil(entered) - now
  })
  expect(pausesMs).toEqual([1_000, 2_000, 4_000, 0, 1_000])
})

test('who waits when the breaker opens is deferred at once', async () => {
  const it = laneAt(0)
  for (let i = 1; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  const last = it.start()
  const waiting = it.enter()
  last.leave(failed)
  expect(await waiting).toMatchObject({ reason: 'circuit_open' })
})

test('hanging endpoints get a third of the dispatcher together, others go on', () => {
  const capacity = new Capacity(30)
  const hanging = Array.from({ length: 20 }, () => laneAt(0, { capacity, circuitBreaker: false }))
  for (const it of hanging) {
    const entered = it.enter()
    if (!('leave' in entered)) continue
    it.clock.now = 5_000
    entered.leave(timedOut)
  }
  for (const it of hanging) it.clock.now = 10_000
  const started = hanging.map((it) => it.enter()).filter((entered) => 'leave' in entered)
  expect(started.length).toBeLessThanOrEqual(15)
  const quick = laneAt(0, { capacity, concurrency: 10 })
  quick.warmUp()
  for (let i = 0; i < 10; i++) quick.start()
})

test('another endpoint is not held liable for the one before', () => {
  const it = laneAt(0)
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  it.lane.pause(1e6)
  it.lane.forgetEndpoint()
  expect(it.enter()).toHaveProperty('leave')
})

test.each<[string, Shown]>([
  ['asks for a pause', { result: 'failed', overloaded: true, pauseMs: 3_600_000 }],
  ['times out', timedOut],
])('another endpoint learns nothing from attempts at the one before: when it %s', (_name, shown) => {
  const it = laneAt(0, { concurrency: 10 })
  it.warmUp()
  const before = Array.from({ length: 5 }, () => it.start())
  it.lane.forgetEndpoint()
  it.clock.now += 10_000
  for (const turn of before) turn.leave(shown)
  expect(it.paused).toEqual([])
  it.attempt(good)
  expect(it.enter()).toHaveProperty('leave')
})

test('a pause that was heard of is remembered, though nothing came yet', () => {
  const it = laneAt(1e9)
  it.lane.pause(600_000)
  it.clock.now += 300_000
  expect(it.lane.sweep()).toBe(false)
  expect(it.enter()).toMatchObject({ reason: 'slowed_down' })
})

test('is forgotten when it had nothing to do for a minute and knows nothing that still matters', () => {
  const it = laneAt(0)
  it.attempt(good)
  expect(it.lane.sweep()).toBe(false)
  it.clock.now += 60_000
  expect(it.lane.sweep()).toBe(true)
  for (let i = 0; i < thresholds.failuresInRow; i++) it.attempt(failed, 0)
  it.clock.now += 60_000
  expect(it.lane.sweep()).toBe(false)
})

test.each([
  ['a burst', { perSecond: 1, burst: 1_000 }, 1_000, 1_000_000],
  ['a token that takes longer than that', { perSecond: 0.01, burst: 1 }, 1, 100_000],
  ['a token that takes hours', { perSecond: 0.0001, burst: 1 }, 1, 10_000_000],
])('is not forgotten while it owes %s: another one would give it out again', (_name, rateLimit, taken, earnedMs) => {
  const it = laneAt(0, { rateLimit })
  for (let i = 0; i < taken; i++) it.attempt(good, 0)
  it.clock.now = earnedMs - 1
  expect(it.lane.sweep()).toBe(false)
  it.clock.now = earnedMs
  expect(it.lane.sweep()).toBe(true)
})

test.each([
  ['a pause', 0, { result: 'failed', overloaded: true, pauseMs: 30_000 }, 'slowed_down'],
  ['the failure that opens the breaker', thresholds.failuresInRow - 1, failed, 'circuit_open'],
] as const)(
  'who waits for room gets no turn from the attempt that showed %s',
  async (_name, failures, shown, reason) => {
    const capacity = new Capacity(2)
    const it = laneAt(0, { capacity, concurrency: 10 })
    it.warmUp()
    for (let i = 0; i < failures; i++) it.attempt(failed, 0)
    const [first] = [it.start(), it.start()]
    const waiting = it.enter()
    first?.leave(shown)
    expect(await waiting).toMatchObject({ reason })
  },
)

test('a turn that is given back without an attempt leaves its token to the next one', async () => {
  const it = laneAt(0, { concurrency: 1, rateLimit: { perSecond: 1, burst: 1 } })
  const unused = it.start()
  const waiting = it.enter()
  unused.leave()
  unused.leave()
  expect(await waiting).toHaveProperty('leave')
  expect(it.enter()).not.toHaveProperty('leave')
})

test('a turn of which nobody knows whether there was an attempt has used up its token', () => {
  const it = laneAt(0, { rateLimit: { perSecond: 1, burst: 1 } })
  it.start().lose()
  expect(it.enter()).not.toHaveProperty('leave')
})

test('no token comes back that was taken at another limit', () => {
  const it = laneAt(0, { rateLimit: { perSecond: 1, burst: 1 } })
  const unused = it.start()
  const slower = { ...it.allRules, rateLimit: { perSecond: 0.01, burst: 2 } }
  void it.lane.enter(slower, due)
  it.lane.clear()
  unused.leave()
  const next = it.lane.enter(slower, due)
  if (!('leave' in next)) throw new Error('expected a turn at once')
  next.leave(good)
  expect(it.lane.enter(slower, due)).not.toHaveProperty('leave')
})
