import { expect, test } from 'vitest'
import { Lane, type Deferral, type Turn } from './lane.ts'

function laneAt(start: number) {
  const clock = { now: start }
  return { clock, lane: new Lane(() => clock.now) }
}

const isTurn = (entered: Turn | Deferral | Promise<unknown>): entered is Turn => 'leave' in entered

function enterTurn(lane: Lane, concurrency: number): Turn {
  const entered = lane.enter(concurrency)
  if (!isTurn(entered)) throw new Error('expected a turn at once')
  return entered
}

test('gives turns at once up to the concurrency', () => {
  const { lane } = laneAt(0)
  enterTurn(lane, 2)
  enterTurn(lane, 2)
  expect(lane.enter(2)).toBeInstanceOf(Promise)
})

test('the first in the queue gets the turn that is given back', async () => {
  const { lane } = laneAt(0)
  const first = enterTurn(lane, 1)
  const second = lane.enter(1)
  first.leave()
  expect(isTurn(await second)).toBe(true)
})

test('giving a turn back twice counts once', () => {
  const { lane } = laneAt(0)
  const first = enterTurn(lane, 1)
  first.leave()
  enterTurn(lane, 1)
  first.leave()
  expect(lane.enter(1)).toBeInstanceOf(Promise)
})

test('defers while the endpoint hangs, before anything has timed out', () => {
  const { lane, clock } = laneAt(0)
  enterTurn(lane, 1)
  clock.now = 5_000
  expect(lane.enter(1)).toEqual({ deferUntil: 10_000 })
})

test('those who are deferred get turns one after the other', () => {
  const { lane, clock } = laneAt(0)
  enterTurn(lane, 2)
  enterTurn(lane, 2)
  clock.now = 4_000
  const times = [lane.enter(2), lane.enter(2), lane.enter(2)].map((entered) => (entered as Deferral).deferUntil)
  expect(times).toEqual([6_000, 8_000, 10_000])
})

test('nobody is deferred by more than a minute', () => {
  const { lane, clock } = laneAt(0)
  enterTurn(lane, 1)
  clock.now = 30_000
  for (let i = 0; i < 100; i++) expect((lane.enter(1) as Deferral).deferUntil).toBeLessThanOrEqual(90_000)
})

test('who waits longer than expected is deferred', async () => {
  const { lane, clock } = laneAt(0)
  enterTurn(lane, 1)
  const waiting = lane.enter(1)
  clock.now = 2_500
  lane.deferQueue(false)
  expect(await waiting).toEqual({ deferUntil: 5_000 })
})

test('all who wait are deferred when the dispatcher stops', async () => {
  const { lane } = laneAt(0)
  enterTurn(lane, 1)
  const waiting = lane.enter(1)
  lane.deferQueue(true)
  expect(await waiting).toHaveProperty('deferUntil')
})
