/** What became of a request that arrived. */
export const Fate = {
  /** Answered 503, or not at all. */
  refused: 0,
  /** Answered 200, for the first time. */
  taken: 1,
  /** Answered 200, as before. */
  again: 2,
} as const

/** Requests in the order in which they arrived, one per index. Times in ms on the shared clock. */
export interface Arrivals {
  readonly atMs: Float64Array
  readonly dueMs: Float64Array
  /** The event's number in the run. */
  readonly event: Uint32Array
  /** The number in the path. */
  readonly endpoint: Uint32Array
  readonly fate: Uint8Array
}
