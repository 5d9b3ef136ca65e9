/** What the bench tells its receiver. */
export type ReceiverCommand =
  /** Forget everything; only deliveries of this run count from now on. */
  | {
      readonly type: 'begin'
      readonly run: number
      /** Deliveries to make: events times fan-out. */
      readonly expected: number
      /** Deliveries of one event, told apart by the number at the end of the path. */
      readonly fanOut: number
      readonly latencies: boolean
    }
  /** Say when so many different deliveries have come. */
  | { readonly type: 'await'; readonly count: number }
  | { readonly type: 'report' }

/** And what it answers. Times in ms on the shared clock. */
export type ReceiverReport =
  | { readonly type: 'listening'; readonly ports: readonly number[] }
  | { readonly type: 'reached'; readonly received: number }
  | ({ readonly type: 'report' } & Received)

export interface Received {
  /** Different deliveries. */
  readonly received: number
  /** Deliveries that had come before. */
  readonly duplicates: number
  /** Deliveries of another run. */
  readonly strays: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Sorted, ms from due to received. */
  readonly latencies: readonly number[]
}
