import type { Arrivals } from './arrivals.ts'

/**
 * What an endpoint does, the first word of its path: `/late/7`. `ok` takes everything, `late` too, but answers after
 * `lateMs`; `hang` never answers; `flaky` answers 503 at random; `gated` does while the gate is closed.
 */
export type Behaviour = 'ok' | 'late' | 'hang' | 'flaky' | 'gated'

export interface Conduct {
  readonly lateMs: number
  /** Of `flaky`, 0 to 1. */
  readonly failedShare: number
}

/** What the bench tells its receiver. */
export type ReceiverCommand =
  /** Forget everything; only deliveries of this run count from now on. */
  | ({
      readonly type: 'begin'
      readonly run: number
      /** Deliveries to make: events times fan-out. */
      readonly expected: number
      /** Deliveries of one event, told apart by the number at the end of the path. */
      readonly fanOut: number
      readonly record: boolean
    } & Conduct)
  | { readonly type: 'gate'; readonly open: boolean }
  /** Say when so many different deliveries have come. */
  | { readonly type: 'await'; readonly count: number }
  | { readonly type: 'report' }

/** And what it answers. Times in ms on the shared clock. */
export type ReceiverReport =
  | { readonly type: 'listening'; readonly ports: readonly number[] }
  | { readonly type: 'reached'; readonly received: number }
  | ({ readonly type: 'report' } & Received)

export interface Received {
  /** Different deliveries that were taken. */
  readonly received: number
  /** Deliveries that had been taken before. */
  readonly duplicates: number
  /** Deliveries of another run. */
  readonly strays: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Of this run, refused ones included; empty unless they were to be recorded. */
  readonly arrivals: Arrivals
}
