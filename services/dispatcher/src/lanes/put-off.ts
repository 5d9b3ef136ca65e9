import type { DeferralReason } from '@jethook/contracts'
import { thresholds } from '../breaker/breaker.ts'
import type { Rate } from '../rate/token-bucket.ts'
import { Deferrals, shortestMs } from './deferrals.ts'
import type { Endpoint } from './endpoint.ts'

export interface Deferral {
  /** As a lane says it, on the lanes' clock; as lanes do, milliseconds since the epoch. */
  readonly deferUntil: number
  readonly reason: DeferralReason
}

/** How things are in the lane when somebody has to come back later. */
export interface Circumstances {
  readonly endpoint: Endpoint
  readonly circuitBreaker: boolean
  readonly rate: Rate | undefined
  /** How long until there is a token, and a slot. */
  readonly tokenMs: number
  readonly slotMs: number
  readonly concurrency: number
  /** From one slot that gets free to the next. */
  readonly slotSpacingMs: number
  /** From the calendar, at the turn that it was given. */
  readonly due: boolean
  /** Somebody waits to learn whether the endpoint works. */
  readonly probing: boolean
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** What waits for an endpoint comes back neither faster nor slower than this, whatever it took before. */
const pace = { fastestMs: 2, slowestMs: 100 } as const
/**
 * Turns for tokens are given out a bit closer than tokens come: a token for which nobody is there is lost, while whoever
 * comes too early waits.
 */
const overbooking = 0.97
/** Of so many that got a token, one who came in vain may come again soon, without going behind all the others. */
const tokensPerSecondTry = 5
const mostSecondTries = 10
/** Those who wait for a slot before a test may be put off long before their turns. */
const longestForProbeMs = minute

/** Says when those come back who cannot go soon: in order, and as fast as the endpoint will take them. */
export class PutOff {
  readonly #deferrals = new Deferrals()
  readonly #random: () => number
  /** How many were told to come when the breaker's opening ends, to find out. */
  #probesToCome = 0
  #lastTurnForSlot = 0
  #secondTries = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** The last turn that was given to somebody in the calendar. */
  get lastTurn(): number {
    return this.#deferrals.last
  }

  /** The last one that was given to somebody who waits for a slot. */
  get lastTurnForSlot(): number {
    return this.#lastTurnForSlot
  }

  /** The turns that were given until now no longer count: those who have them are given others. */
  forgetTurns(): void {
    this.#deferrals.forget()
    this.#lastTurnForSlot = 0
  }

  tookToken(): void {
    this.#secondTries = Math.min(this.#secondTries + 1 / tokensPerSecondTry, mostSecondTries)
  }

  breakerOpened(): void {
    this.#probesToCome = 0
  }

  until(now: number, circumstances: Circumstances): Deferral {
    const { endpoint, circuitBreaker, rate, tokenMs, slotMs, slotSpacingMs, due, probing } = circumstances
    const { breaker, pauseUntil } = endpoint
    const spacingMs = spacingOf(circumstances)
    if (probing) {
      const soonMs = Math.max(tokenMs, Math.min(slotMs, longestForProbeMs), shortestMs)
      return { deferUntil: Math.round(now + soonMs), reason: tokenMs > slotMs ? 'rate_limited' : 'saturated' }
    }
    if (circuitBreaker && breaker.openUntil > now) {
      if (this.#probesToCome++ < thresholds.successesToClose)
        return { deferUntil: Math.round(breaker.openUntil), reason: 'circuit_open' }
      // An outage lasts, as a rule, about as long again as it has lasted. The probes will tell; the others need not try.
      const earliest = Math.max(breaker.openUntil, 2 * now - breaker.failingSince)
      return this.#next(now, 'circuit_open', earliest, spacingMs, hour)
    }
    if (pauseUntil > now) return this.#next(now, 'slowed_down', pauseUntil, spacingMs, pauseUntil - now + hour)
    if (!rate || tokenMs < slotMs) {
      const deferral = this.#next(now, 'saturated', now + slotMs, slotSpacingMs, 10 * minute)
      this.#lastTurnForSlot = deferral.deferUntil
      return deferral
    }
    if (due && this.#secondTries >= 1) {
      this.#secondTries--
      return { deferUntil: Math.round(now + tokenMs), reason: 'rate_limited' }
    }
    return this.#next(now, 'rate_limited', now + tokenMs, spacingMs * overbooking, day)
  }

  /**
   * Another turn for one who waits in the calendar for nothing but this: `sharers` gave turns, one gives them anew. Of those
   * who come when it is no longer closed, the first ones find out whether the endpoint is back: there may be nobody else.
   */
  anew(
    now: number,
    circumstances: Circumstances,
    { sharers, closedUntil }: { sharers: number; closedUntil: number },
  ): number {
    const earliest = Math.max(now + circumstances.tokenMs, closedUntil)
    const spacingMs = (spacingOf(circumstances) / sharers) * overbooking
    return this.#deferrals.next(now, { earliest, spacingMs, withinMs: day }, this.#random)
  }

  #next(now: number, reason: Deferral['reason'], earliest: number, spacingMs: number, withinMs: number): Deferral {
    return { deferUntil: this.#deferrals.next(now, { earliest, spacingMs, withinMs }, this.#random), reason }
  }
}

/** From one turn to the next, at the speed that the endpoint showed and its limit allows. */
function spacingOf({ endpoint, concurrency, rate }: Circumstances): number {
  const usualMs = Math.min(Math.max(endpoint.averageMs / concurrency, pace.fastestMs), pace.slowestMs)
  return Math.max(usualMs, rate?.intervalMs ?? 0)
}
