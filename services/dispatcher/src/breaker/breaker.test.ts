import { expect, test } from 'vitest'
import { Breaker, thresholds } from './breaker.ts'

const fail = (breaker: Breaker, times: number, now = 0, timedOut = false): void => {
  for (let i = 0; i < times; i++) breaker.failed(now, timedOut, 0)
}
const succeed = (breaker: Breaker, times: number, now = 0): void => {
  for (let i = 0; i < times; i++) breaker.succeeded(now)
}
const { failuresInRow, timeoutsInRow, firstOpenMs, longestOpenMs, successesToClose } = thresholds

const times = (count: number, act: (round: number) => void): void => {
  for (let round = 0; round < count; round++) act(round)
}

test.each<[name: string, state: string, happen: (breaker: Breaker) => void]>([
  ['too few failures in a row', 'closed', (it) => fail(it, failuresInRow - 1)],
  ['enough failures in a row', 'open', (it) => fail(it, failuresInRow)],
  ['fewer time-outs in a row', 'open', (it) => fail(it, timeoutsInRow, 0, true)],
  ['time-outs among other failures', 'closed', (it) => times(3, () => (fail(it, 1, 0, true), fail(it, 1)))],
  ['one success among the failures', 'closed', (it) => times(2, () => (fail(it, 9), succeed(it, 1)))],
  ['nearly all of the recent ones failed', 'open', (it) => times(3, () => (succeed(it, 1), fail(it, 9)))],
  ['half of the recent ones failed', 'closed', (it) => times(50, () => (succeed(it, 4), fail(it, 4)))],
  [
    'many failures, but long ago',
    'closed',
    (it) => times(9, (round) => (fail(it, 9, round * 1e6), succeed(it, 1, round * 1e6))),
  ],
])('%s: it is then %s', (_name, state, happen) => {
  const breaker = new Breaker()
  happen(breaker)
  expect(breaker.state).toBe(state)
})

test('lets nobody pass while it is open, then one, and after each success one more', () => {
  const breaker = new Breaker()
  fail(breaker, failuresInRow)
  expect(breaker.admits(firstOpenMs - 1, 0)).toBe(false)
  expect([0, 1].map((active) => breaker.admits(firstOpenMs, active))).toEqual([true, false])
  breaker.succeeded(firstOpenMs)
  expect([0, 1, 2].map((active) => breaker.admits(firstOpenMs, active))).toEqual([true, true, false])
})

test('closes after enough successes, and says so once', () => {
  const breaker = new Breaker()
  fail(breaker, failuresInRow)
  breaker.admits(firstOpenMs, 0)
  const closed = Array.from({ length: successesToClose + 1 }, () => breaker.succeeded(firstOpenMs))
  expect(closed).toEqual([...Array.from({ length: successesToClose - 1 }, () => false), true, false])
  expect(breaker.state).toBe('closed')
  fail(breaker, failuresInRow - 1)
  expect(breaker.state).toBe('closed')
})

test('opens again at a failed probe, each time for twice as long, up to a limit', () => {
  const breaker = new Breaker()
  fail(breaker, failuresInRow)
  let now = 0
  const opened: number[] = []
  for (let i = 0; i < 9; i++) {
    opened.push(breaker.openUntil - now)
    now = breaker.openUntil
    expect(breaker.admits(now, 0)).toBe(true)
    expect(breaker.failed(now, false, 0)).toBe(true)
  }
  expect(opened).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000))
  expect(opened.at(-1)).toBe(longestOpenMs)
})

test('successes from before it opened again do not count for closing it', () => {
  const breaker = new Breaker()
  fail(breaker, failuresInRow)
  breaker.admits(firstOpenMs, 0)
  succeed(breaker, successesToClose - 1, firstOpenMs)
  fail(breaker, 1, firstOpenMs)
  succeed(breaker, 1, firstOpenMs)
  expect(breaker.state).toBe('half-open')
})

test('failures of attempts that were under way when it opened change nothing', () => {
  const breaker = new Breaker()
  fail(breaker, failuresInRow)
  const { openUntil } = breaker
  fail(breaker, 5, 100)
  expect(breaker.openUntil).toBe(openUntil)
})

test('a success of an attempt that was under way makes it half-open at once', () => {
  const breaker = new Breaker()
  fail(breaker, failuresInRow)
  breaker.succeeded(1)
  expect(breaker.admits(1, 0)).toBe(true)
})
