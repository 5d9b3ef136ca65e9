import { Breaker } from '../breaker/breaker.ts'
import { Window } from '../concurrency/window.ts'

/** What an attempt showed of its endpoint. */
export interface Shown {
  readonly result: 'succeeded' | 'failed' | 'timed_out'
  /** The receiver says that it is too much: 429 or 503. */
  readonly overloaded: boolean
  /** For how long it asked to be left alone. */
  readonly pauseMs?: number | undefined
}

const firstEstimateMs = 20
/** Weight of the latest duration in the moving average. */
const smoothing = 0.2
/** Pauses after an overload without a word of how long: twice as long each time. */
const firstPauseMs = 1_000
const longestPauseMs = 60_000

/** What is known of an endpoint from the attempts at it, and what that allows. Times are milliseconds on the lanes' clock. */
export class Endpoint {
  readonly breaker = new Breaker()
  readonly #window = new Window()
  #averageMs = firstEstimateMs
  #pauseUntil = 0
  #pauseMs = 0

  /** The moving average of how long attempts took. */
  get averageMs(): number {
    return this.#averageMs
  }

  get pauseUntil(): number {
    return this.#pauseUntil
  }

  /** How many attempts at the same time, at most `limit`. */
  window(limit: number): number {
    return this.#window.size(limit)
  }

  /** Nobody gets a turn until then. */
  pause(until: number): void {
    this.#pauseUntil = Math.max(this.#pauseUntil, until)
  }

  /** It takes something again, in the middle of a pause. Returns whether there was one. */
  endPause(now: number): boolean {
    if (this.#pauseUntil <= now) return false
    this.#pauseUntil = now
    return true
  }

  /** Returns what this changed for those who wait: `closed` when they have to wait longer, `recovered` when no longer. */
  learn(
    shown: Shown,
    durationMs: number,
    limit: number,
    now: number,
    random: () => number,
  ): 'closed' | 'recovered' | undefined {
    this.#averageMs += smoothing * (durationMs - this.#averageMs)
    if (shown.result === 'succeeded') {
      this.#pauseMs = 0
      this.#window.answered(durationMs, limit)
      const recovered = this.breaker.succeeded(now)
      // It may want nothing any more, politely.
      if (this.#pauseAfter(shown, now)) return 'closed'
      return recovered ? 'recovered' : undefined
    }
    const opened = this.breaker.failed(now, shown.result === 'timed_out', random())
    if (opened || shown.result === 'timed_out' || shown.overloaded) this.#window.collapse()
    const paused = this.#pauseAfter(shown, now)
    return opened || paused ? 'closed' : undefined
  }

  #pauseAfter({ overloaded, pauseMs }: Shown, now: number): boolean {
    const before = this.#pauseUntil
    if (pauseMs !== undefined) this.pause(now + pauseMs)
    else if (overloaded && now >= before) {
      this.#pauseMs = Math.min(Math.max(2 * this.#pauseMs, firstPauseMs), longestPauseMs)
      this.pause(now + this.#pauseMs)
    }
    return this.#pauseUntil > before
  }
}
