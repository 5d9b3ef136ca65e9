import { Fate, type Arrivals } from '../receiver/arrivals.ts'

/** Of those taken for the first time: from when its event was due until it arrived; sorted, ms. */
export function latenciesOf({ atMs, dueMs, fate }: Arrivals): Float64Array {
  const latencies: number[] = []
  for (let index = 0; index < atMs.length; index++) {
    if (fate[index] === Fate.taken) latencies.push(atMs[index]! - dueMs[index]!)
  }
  return Float64Array.from(latencies).toSorted()
}

/** The times at which requests of one endpoint arrived, refused ones included unless only those taken are asked for. */
export function timesAt({ atMs, endpoint, fate }: Arrivals, wanted: number, only?: 'taken'): Float64Array {
  return atMs.filter((_, index) => endpoint[index] === wanted && (only === undefined || fate[index] !== Fate.refused))
}

/** How many of the sorted times lie within one span of this length, at most. */
export function mostWithin(spanMs: number, times: ArrayLike<number>): number {
  let most = 0
  for (let first = 0, last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! >= spanMs) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/**
 * How often an event arrived at its endpoint, for whatever attempt, before an earlier one had been taken. One that comes
 * again after it was taken is no inversion: deliveries are at least once. `orderOf` has the events of each endpoint in
 * the order in which they were accepted.
 */
export function countInversions(
  { event, endpoint, fate }: Arrivals,
  orderOf: ReadonlyMap<number, readonly number[]>,
): number {
  const lines = new Map(
    [...orderOf].map(([at, events]) => [
      at,
      { rank: new Map(events.map((number, rank) => [number, rank])), taken: new Set<number>(), next: 0 },
    ]),
  )
  let inversions = 0
  for (let index = 0; index < event.length; index++) {
    const line = lines.get(endpoint[index]!)
    const rank = line?.rank.get(event[index]!)
    if (!line || rank === undefined) throw new Error(`Event ${event[index]} is not for endpoint ${endpoint[index]}.`)
    if (rank > line.next) inversions++
    if (fate[index] === Fate.refused) continue
    line.taken.add(rank)
    while (line.taken.has(line.next)) line.next++
  }
  return inversions
}
