import { expect, test } from 'vitest'
import { gapsIn } from './gaps.ts'

test.each<[string, number, number[], number[]]>([
  ['what follows closely misses nothing', 4, [5, 6, 7], []],
  ['what a stream dropped at its beginning', 4, [9, 10], [4]],
  ['what was dropped in the middle', 4, [5, 8, 9, 11], [2, 1]],
  ['what came already is no gap', 4, [3, 4, 5], []],
  ['empty tables begin with what there is', 0, [100, 101], []],
  ['but what follows that counts', 0, [100, 103], [2]],
])('%s', (_name, position, sequences, missing) => {
  expect(gapsIn(position, sequences).map((gap) => gap.missing)).toEqual(missing)
})
