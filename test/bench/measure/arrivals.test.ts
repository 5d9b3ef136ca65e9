import { expect, test } from 'vitest'
import { Fate, type Arrivals } from '../receiver/arrivals.ts'
import { Recording } from '../receiver/recording.ts'
import { countInversions, latenciesOf, mostWithin, timesAt } from './arrivals.ts'

type Row = readonly [atMs: number, event: number, endpoint: number, fate: keyof typeof Fate]

/** Every event was due at 100. */
function arrivalsOf(...rows: readonly Row[]): Arrivals {
  const recording = new Recording()
  for (const [atMs, event, endpoint, fate] of rows) recording.add(atMs, 100, event, endpoint, Fate[fate])
  return recording.arrivals()
}

test('latency counts from when the event was due, once per delivery', () => {
  const arrivals = arrivalsOf([103, 0, 0, 'refused'], [109, 0, 0, 'taken'], [104, 1, 1, 'taken'], [110, 1, 1, 'again'])
  expect([...latenciesOf(arrivals)]).toEqual([4, 9])
})

test('the times of one endpoint, all or those taken', () => {
  const arrivals = arrivalsOf([101, 0, 7, 'refused'], [102, 1, 8, 'taken'], [103, 0, 7, 'taken'])
  expect([...timesAt(arrivals, 7)]).toEqual([101, 103])
  expect([...timesAt(arrivals, 7, 'taken')]).toEqual([103])
})

test.each([
  [[], 0],
  [[5], 1],
  [[0, 999, 1_000], 2],
  [[0, 10, 20, 2_000, 2_001], 3],
])('of %j at most %i lie within a second', (times, most) => {
  expect(mostWithin(1_000, times)).toBe(most)
})

const order = new Map([
  [0, [10, 20, 30]],
  [1, [11]],
])

test.each<[what: string, rows: readonly Row[], inversions: number]>([
  [
    'in order',
    [
      [1, 10, 0, 'taken'],
      [2, 11, 1, 'taken'],
      [3, 20, 0, 'taken'],
    ],
    0,
  ],
  [
    'a retry',
    [
      [1, 10, 0, 'refused'],
      [2, 10, 0, 'taken'],
      [3, 20, 0, 'taken'],
    ],
    0,
  ],
  [
    'a repetition after a crash',
    [
      [1, 10, 0, 'taken'],
      [2, 20, 0, 'taken'],
      [3, 10, 0, 'again'],
      [4, 20, 0, 'again'],
    ],
    0,
  ],
  [
    'attempted while the one before still fails',
    [
      [1, 10, 0, 'refused'],
      [2, 20, 0, 'refused'],
    ],
    1,
  ],
  [
    'overtaken',
    [
      [1, 20, 0, 'taken'],
      [2, 10, 0, 'taken'],
      [3, 30, 0, 'taken'],
    ],
    1,
  ],
  [
    'one left out',
    [
      [1, 10, 0, 'taken'],
      [2, 30, 0, 'taken'],
    ],
    1,
  ],
])('inversions: %s', (_, rows, inversions) => {
  expect(countInversions(arrivalsOf(...rows), order)).toBe(inversions)
})

test('an event at an endpoint that it is not for is no question of order', () => {
  expect(() => countInversions(arrivalsOf([1, 11, 0, 'taken']), order)).toThrow('Event 11 is not for endpoint 0.')
})
