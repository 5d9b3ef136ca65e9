/**
 * A circuit breaker keeps deliveries away from an endpoint that only fails.
 *
 * closed: all pass. It opens after so many failures in a row, or when nearly all of the recent attempts failed.
 * open: nobody passes until its time is over; then it is half-open.
 * half-open: one probe passes, and after each success one more at once. Enough successes close it; a failure opens it
 * again, for twice as long.
 *
 * What it knows is in memory, for its process alone. Nothing depends on that being right: who is kept away waits in
 * the calendar, and a process that knows nothing yet, because it is new or saw none of the failures, finds out for
 * itself at the price of a few more failed attempts.
 */
export class Breaker {
  #state: 'closed' | 'open' | 'half-open' = 'closed'
  #failuresInRow = 0
  #timeoutsInRow = 0
  #successesInHalfOpen = 0
  #openMs = 0
  #openUntil = 0
  #failingSince = 0
  readonly #recent = { succeeded: 0, failed: 0, since: 0 }

  get state(): 'closed' | 'open' | 'half-open' {
    return this.#state
  }

  /** When the next probe may pass; in the past unless it is open. */
  get openUntil(): number {
    return this.#openUntil
  }

  /** When the failures began because of which it is not closed. */
  get failingSince(): number {
    return this.#failingSince
  }

  /** Whether one more may pass while `active` are under way. */
  admits(now: number, active: number): boolean {
    if (this.#state === 'closed') return true
    if (this.#state === 'open') {
      if (now < this.#openUntil) return false
      this.#state = 'half-open'
    }
    return active <= this.#successesInHalfOpen
  }

  /** Returns whether this closed it. */
  succeeded(now: number): boolean {
    this.#failuresInRow = 0
    this.#timeoutsInRow = 0
    if (this.#state === 'closed') {
      this.#recall(now).succeeded++
      return false
    }
    // Also one that began before it opened: the endpoint is there.
    this.#state = 'half-open'
    if (++this.#successesInHalfOpen < thresholds.successesToClose) return false
    this.#state = 'closed'
    this.#openMs = 0
    this.#openUntil = 0
    Object.assign(this.#recent, { succeeded: 0, failed: 0, since: now })
    return true
  }

  /** `random` is in [0, 1). Returns whether this opened it. */
  failed(now: number, timedOut: boolean, random: number): boolean {
    if (this.#failuresInRow++ === 0 && this.#state === 'closed') this.#failingSince = now
    this.#timeoutsInRow = timedOut ? this.#timeoutsInRow + 1 : 0
    if (this.#state === 'open') return false
    if (this.#state === 'closed') {
      const recent = this.#recall(now)
      recent.failed++
      const attempts = recent.succeeded + recent.failed
      const mostly = attempts >= thresholds.attempts && recent.failed >= thresholds.failedShare * attempts
      const inRow = this.#failuresInRow >= thresholds.failuresInRow || this.#timeoutsInRow >= thresholds.timeoutsInRow
      if (!inRow && !mostly) return false
    }
    this.#state = 'open'
    this.#successesInHalfOpen = 0
    this.#openMs = Math.min(Math.max(2 * this.#openMs, thresholds.firstOpenMs), thresholds.longestOpenMs)
    this.#openUntil = now + this.#openMs * (1 + thresholds.jitter * random)
    return true
  }

  /** Counts fade in steps, so that old attempts do not outweigh recent ones. */
  #recall(now: number): { succeeded: number; failed: number } {
    const recent = this.#recent
    if (now - recent.since >= thresholds.fadeMs) {
      const fades = Math.floor((now - recent.since) / thresholds.fadeMs)
      recent.succeeded = Math.floor(recent.succeeded / 2 ** fades)
      recent.failed = Math.floor(recent.failed / 2 ** fades)
      recent.since += fades * thresholds.fadeMs
    }
    return recent
  }
}

export const thresholds = {
  failuresInRow: 10,
  /** A time-out costs a slot for as long as it takes: fewer are enough. */
  timeoutsInRow: 3,
  /** Of at least so many recent attempts, so large a share failed. */
  attempts: 20,
  failedShare: 0.8,
  fadeMs: 10_000,
  firstOpenMs: 5_000,
  longestOpenMs: 300_000,
  /** Openings are lengthened by up to this share, so that what failed together is not probed together. */
  jitter: 0.2,
  successesToClose: 3,
} as const
