/** Messages of a stream that never came: those after `after` and before `before`. */
export interface Gap {
  readonly after: number
  readonly before: number
  readonly missing: number
}

/**
 * Where sequences are missing between what is in the tables and what came next. A stream numbers its messages without
 * gaps, so a missing one was dropped before it was projected: by a limit of the stream, or by hand. Tables that hold
 * nothing yet miss nothing: they begin with what the stream still has.
 */
export function gapsIn(position: number, sequences: readonly number[]): Gap[] {
  const gaps: Gap[] = []
  let after = position
  for (const before of sequences) {
    if (before > after + 1 && after > 0) gaps.push({ after, before, missing: before - after - 1 })
    after = Math.max(after, before)
  }
  return gaps
}
