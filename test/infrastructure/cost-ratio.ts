/**
 * How many times as long as `reference` `work` takes, in one run and by turns: the quickest of twenty each, so that it is the same on a
 * slow machine, or a busy one.
 */
export function costRatio(work: () => void, reference: () => void): number {
  let [ofWork, ofReference] = [Infinity, Infinity]
  for (let round = 0; round < 20; round++) {
    ofWork = Math.min(ofWork, timeOf(work))
    ofReference = Math.min(ofReference, timeOf(reference))
  }
  return ofWork / ofReference
}

/** In milliseconds. */
function timeOf(run: () => void): number {
  const startedAt = performance.now()
  run()
  return performance.now() - startedAt
}
