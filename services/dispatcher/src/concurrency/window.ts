/**
 * How many attempts one endpoint gets at the same time, below its limit: one at first, one more for each quick answer,
 * slower growth while answers are slow, and one again after a time-out or an outage: what waited meanwhile is no flood.
 */
export class Window {
  #size = firstSize

  /** Whole attempts, at least one. */
  size(limit: number): number {
    return Math.min(limit, Math.floor(this.#size))
  }

  answered(durationMs: number, limit: number): void {
    if (this.#size < limit) this.#size = Math.min(limit, this.#size + (durationMs <= quickMs ? 1 : 1 / this.#size))
  }

  collapse(): void {
    this.#size = 1
  }
}

const firstSize = 1
/** An answer within this time lets the window grow by one; so it doubles with each round. */
const quickMs = 1_000
