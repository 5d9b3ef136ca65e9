import { TransientSet } from '@jethook/runtime'
import { rateOf, TokenBucket, type Rate } from '../rate/token-bucket.ts'
import type { Capacity, Holder, Standing } from './capacity.ts'
import { Endpoint, type Shown } from './endpoint.ts'
import type { LaneRules } from './lane-rules.ts'

/** One attempt at the endpoint that is under way. */
export interface Passage {
  readonly startedAt: number
  readonly endpoint: Endpoint
  /** Made to find out whether the endpoint works. */
  readonly probing: boolean
  /** The limit of which it took a token, if there was one. */
  readonly rate: Rate | undefined
}

/** An attempt under way for longer makes its endpoint a slow one. */
const slowMs = 2_000

/**
 * What a turn needs: a slot in the window of concurrency, a token of the rate limit, a circuit breaker that lets it pass,
 * the end of the pause that the receiver asked for, and room in the dispatcher. Says whether there is all that now, and
 * when there will be. Times are milliseconds on the lanes' clock.
 */
export class Gate {
  readonly #capacity: Capacity
  readonly #holder: Holder
  readonly #passing = new TransientSet<Passage>()
  readonly #bucket = new TokenBucket()
  #endpoint = new Endpoint()
  #circuitBreaker = false
  #concurrency = 1
  #rate: Rate | undefined
  #standing: Standing = 'unproven'

  /** `holder`: in whose name the room is taken. */
  constructor(capacity: Capacity, holder: Holder) {
    this.#capacity = capacity
    this.#holder = holder
  }

  get endpoint(): Endpoint {
    return this.#endpoint
  }

  get standing(): Standing {
    return this.#standing
  }

  get rate(): Rate | undefined {
    return this.#rate
  }

  get concurrency(): number {
    return this.#concurrency
  }

  get circuitBreaker(): boolean {
    return this.#circuitBreaker
  }

  /** How many attempts are under way. */
  get passing(): number {
    return this.#passing.size
  }

  /** Until when nobody gets through but who probes; in the past when it is not closed. */
  get closedUntil(): number {
    const { breaker, pauseUntil } = this.#endpoint
    return this.#circuitBreaker ? Math.max(pauseUntil, breaker.openUntil) : pauseUntil
  }

  /** Neither closed, nor open for a few only who find out. */
  isOpenWide(now: number): boolean {
    if (this.#circuitBreaker && this.#endpoint.breaker.state !== 'closed') return false
    return this.closedUntil <= now
  }

  /** `sharers`: how many dispatchers have the same gate, each with its share of the concurrency. */
  adopt(rules: LaneRules, sharers: number, now: number): void {
    this.#circuitBreaker = rules.circuitBreaker
    this.#concurrency = Math.floor(rules.concurrency / sharers)
    this.#rate = rules.rateLimit ? rateOf(rules.rateLimit) : undefined
    if (this.#rate) this.#bucket.limitDebt(now, this.#rate)
  }

  /** Until then it may have been another dispatcher that let them through. */
  forgoBurst(then: number): void {
    if (this.#rate) this.#bucket.forgoBurst(then, this.#rate)
  }

  /** It is another endpoint, or somebody says that it is back: nothing that was learnt of it holds any more. */
  forgetEndpoint(): void {
    this.#endpoint = new Endpoint()
  }

  /** `since`: when whoever asks began to wait. Without a turn: `wait`, or `refused` where there will not be room soon. */
  tryPass(now: number, { probing, since }: { probing: boolean; since: number }): Passage | 'wait' | 'refused' {
    const active = this.#passing.size
    const endpoint = this.#endpoint
    if (active >= endpoint.window(this.#concurrency)) return 'wait'
    if (!probing) {
      if (now < endpoint.pauseUntil) return 'wait'
      if (this.#circuitBreaker && !endpoint.breaker.admits(now, active)) return 'wait'
    }
    if (this.#rate && this.#bucket.waitMs(now, this.#rate) > 0) return 'wait'
    const room = this.#capacity.take(this.#holder)
    if (room !== 'taken') return room
    if (this.#rate) this.#bucket.take(now, this.#rate, since)
    const passage = { startedAt: now, endpoint, probing, rate: this.#rate }
    this.#passing.add(passage)
    return passage
  }

  /** There was no attempt: the next one may have the token, unless it was one of a limit that has changed. */
  giveTokenBack({ rate }: Passage): void {
    if (rate && rate === this.#rate) this.#bucket.giveBack(rate)
  }

  /** Whether the attempt is under way. */
  has(passage: Passage): boolean {
    return this.#passing.has(passage)
  }

  /** Whoever waits for room may be called within this, the holder, too: it has to know by then what is to be learnt. */
  leave(passage: Passage): void {
    this.#passing.delete(passage)
    this.#capacity.give(this.#holder)
  }

  /**
   * While the attempt is under way still. Returns what this changed for those who wait; see Endpoint. `welcome`: somebody asked
   * whether the endpoint takes something, and it does, whatever was known of it here. Nothing is learnt from an attempt that
   * began before `forgetEndpoint`.
   */
  learn(
    shown: Shown,
    { startedAt, endpoint, probing }: Passage,
    now: number,
    random: () => number,
  ): ReturnType<Endpoint['learn']> | 'welcome' {
    if (endpoint !== this.#endpoint) return undefined
    const durationMs = now - startedAt
    const change = endpoint.learn(shown, durationMs, this.#concurrency, now, random)
    this.#stand(Math.max(durationMs, this.#oldestMs(now)) > slowMs ? 'slow' : 'quick')
    if (!probing || shown.result !== 'succeeded' || shown.pauseMs !== undefined) return change
    // A pause that it asked for by mistake would last an hour.
    endpoint.endPause(now)
    return 'welcome'
  }

  /** Sees to what time alone changes. */
  sweep(now: number): void {
    if (this.#oldestMs(now) > slowMs) this.#stand('slow')
    if (this.#rate) this.#bucket.limitDebt(now, this.#rate)
  }

  /** How long until there is a slot for one behind `ahead` others, as far as can be told. */
  slotMs(now: number, ahead: number): number {
    if (this.#passing.size + ahead < this.#endpoint.window(this.#concurrency)) return 0
    return ((ahead + 1) / this.#slotsSoon()) * this.#turnMs(now)
  }

  /** From one slot that gets free to the next. */
  slotSpacingMs(now: number): number {
    return (this.#standing === 'quick' ? this.#endpoint.averageMs : this.#turnMs(now)) / this.#slotsSoon()
  }

  /** How long until there is a token for one behind `ahead` others. */
  tokenMs(now: number, ahead: number): number {
    return this.#rate ? this.#bucket.waitMs(now, this.#rate, ahead) : 0
  }

  /** Whether tokens were taken that are not earned yet. */
  owesTokens(now: number): boolean {
    return this.#rate !== undefined && this.#bucket.owes(now)
  }

  /** For how long no token has been taken that is not earned yet. */
  idleMs(now: number): number {
    return this.#bucket.idleMs(now)
  }

  #stand(standing: Standing): void {
    const before = this.#standing
    if (standing === before) return
    this.#standing = standing
    this.#capacity.move(this.#passing.size, before, standing)
  }

  /** A window that is still small grows within a few answers, unless the endpoint is slow. */
  #slotsSoon(): number {
    return this.#standing === 'slow' ? this.#endpoint.window(this.#concurrency) : this.#concurrency
  }

  /**
   * How long a turn takes is the moving average of the past ones, or the age of the oldest that is still going when that
   * is more: so an endpoint that starts to hang is noticed before it times out.
   */
  #turnMs(now: number): number {
    return Math.max(this.#endpoint.averageMs, this.#oldestMs(now))
  }

  #oldestMs(now: number): number {
    const [oldest] = this.#passing
    return oldest ? now - oldest.startedAt : 0
  }
}
