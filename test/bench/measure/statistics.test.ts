import { expect, test } from 'vitest'
import { percentile, ratiosOf, spreadOf } from './statistics.ts'

test.each([
  [[1], 0.99, 1],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
  [[], 0.5, Number.NaN],
])('percentile of %j at %d', (sorted, share, value) => {
  expect(percentile(sorted, share)).toBe(value)
})

test.each([
  [[3, 1, 2], { median: 2, min: 1, max: 3 }],
  [[4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
])('spread of %j', (values, spread) => {
  expect(spreadOf(values)).toEqual(spread)
})

test('ratios are of runs that were neighbours in time', () => {
  expect(ratiosOf([2, 9], [4, 3])).toEqual([0.5, 3])
})
