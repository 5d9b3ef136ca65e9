/** A rate limit, as a token bucket has it. */
export interface Rate {
  /** Milliseconds from one token to the next. */
  readonly intervalMs: number
  /** How many tokens are saved up in a quiet time, at least 1. */
  readonly burst: number
}

/** Timers and the calendar are late by so much and more; what a waiting delivery was owed meanwhile is not lost. */
const latenessMs = 250

/**
 * A token bucket, kept as the one time at which all tokens taken so far are earned ("generic cell rate algorithm"):
 * no timer fills it, and it keeps its meaning when the rate changes. Times are milliseconds.
 */
export class TokenBucket {
  #earnedAt = -Infinity

  /** How long until the token after the next `ahead` ones is there; 0 when it is there now. */
  waitMs(now: number, { intervalMs, burst }: Rate, ahead = 0): number {
    return Math.max(0, this.#earnedAt - now - (burst - 1 - ahead) * intervalMs)
  }

  /** Takes a token. `since` is when somebody began to wait for it; now, if nobody had to. */
  take(now: number, { intervalMs }: Rate, since = now): void {
    this.#earnedAt = Math.max(this.#earnedAt, since, now - latenessMs) + intervalMs
  }

  /** Gives back one that was taken at this rate, and not used. */
  giveBack({ intervalMs }: Rate): void {
    this.#earnedAt -= intervalMs
  }

  /** Never more is owed than a whole burst, whatever happened to the rate or the clock. */
  limitDebt(now: number, { intervalMs, burst }: Rate): void {
    this.#earnedAt = Math.min(this.#earnedAt, now + burst * intervalMs)
  }

  /** What was saved up until then is gone, but for one: somebody else may have used it. */
  forgoBurst(then: number, { intervalMs, burst }: Rate): void {
    this.#earnedAt = Math.max(this.#earnedAt, then + (burst - 1) * intervalMs)
  }

  /** Whether tokens were taken, or forgone, that are not earned yet: a new bucket would give them out again. */
  owes(now: number): boolean {
    return this.#earnedAt > now
  }

  /** For how long no token has been taken that is not earned yet. */
  idleMs(now: number): number {
    return Math.max(0, now - this.#earnedAt)
  }
}

export function rateOf({ perSecond, burst }: { perSecond: number; burst: number | null }): Rate {
  return { intervalMs: 1_000 / perSecond, burst: Math.max(1, burst ?? perSecond) }
}
