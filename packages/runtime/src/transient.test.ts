import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { TransientMap, TransientSet } from './transient.ts'

test('it is a map in the order in which entries came, however many have gone', () => {
  const map = new TransientMap<number, string>()
  for (let number = 0; number < 1_000; number++) {
    map.set(number, `n${number}`)
    expect(map.delete(number - 3)).toBe(number >= 3)
  }
  expect([...map]).toEqual([
    [997, 'n997'],
    [998, 'n998'],
    [999, 'n999'],
  ])
  expect([map.size, map.has(998), map.get(999), map.get(1)]).toEqual([3, true, 'n999', undefined])
  map.set(998, 'again')
  expect([...map.values()]).toEqual(['n997', 'again', 'n999'])
})

test('who walks through it and deletes what is there meets everything once', () => {
  const set = new TransientSet<number>()
  for (let number = 0; number < 200; number++) set.add(number)
  const met: number[] = []
  for (const number of set) {
    met.push(number)
    set.delete(number)
  }
  expect(met).toEqual(Array.from({ length: 200 }, (_, number) => number))
  expect([set.size, set.has(0), [...set]]).toEqual([0, false, []])
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options: { readonly type: 'major' | 'minor' }) => void

/** How much of what has gone again is in the old generation. */
function keptBytes(map: { set(key: number, value: unknown): unknown; delete(key: number): unknown }): number {
  const oldBytes = (): number =>
    getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0
  collect({ type: 'major' })
  // A time without work, in which the table gets old.
  for (let number = -3; number < 0; number++) map.set(number, undefined)
  for (let times = 0; times < 3; times++) collect({ type: 'minor' })
  const before = oldBytes()
  for (let number = 0; number < 20_000; number++) {
    map.set(
      number,
      Array.from({ length: 100 }, () => number),
    )
    map.delete(number - 3)
    if (number % 1_000 === 0) collect({ type: 'minor' })
  }
  return oldBytes() - before
}

test('what has gone is not kept, as a Map keeps it', () => {
  const ofMap = keptBytes(new Map())
  const ofTransient = keptBytes(new TransientMap())
  expect(ofTransient).toBeLessThan(ofMap / 5)
})
