/** Where a delivery's turn lies that does not come soon. Times are milliseconds on the lanes' clock. */
export interface Place {
  readonly earliest: number
  /** From one turn to the next. */
  readonly spacingMs: number
  /** Nobody is told to come back later than so long from now. */
  readonly withinMs: number
}

/** The calendar is not exact enough for less. */
export const shortestMs = 1_000

/**
 * Gives those who are deferred their turns: one after the other, in the order in which they ask, each once. So what
 * waits for an endpoint does not come back before the endpoint can take it, however much that is.
 */
export class Deferrals {
  #last = 0

  /** The latest turn that was given. */
  get last(): number {
    return this.#last
  }

  next(now: number, { earliest, spacingMs, withinMs }: Place, random: () => number): number {
    const turn = Math.max(earliest, now + shortestMs, this.#last + spacingMs)
    const latest = now + withinMs
    // Behind the latest turn there is no order, but also no crowd.
    if (turn > latest) return Math.round(latest - (withinMs / 2) * random())
    this.#last = turn
    return Math.round(turn)
  }

  /** The turns that were given no longer count: those who have them were given earlier ones. */
  forget(): void {
    this.#last = 0
  }
}
