import type { Team } from '../peers/known-peers.ts'
import type { Capacity, Holder, Standing } from './capacity.ts'
import type { Shown } from './endpoint.ts'
import { Gate, type Passage } from './gate.ts'
import { isKeptByOne, type LaneRules } from './lane-rules.ts'
import { PutOff, type Circumstances, type Deferral } from './put-off.ts'

export interface Turn {
  /** Gives the turn back, once; with what the attempt showed of the endpoint, if there was one. */
  leave(shown?: Shown): void
}

/** A turn, in the hands of the dispatcher whose lane gave it. */
export interface LaneTurn extends Turn {
  /** Gives it back for another dispatcher that is not heard any more: nobody knows whether there was an attempt. */
  lose(): void
}

/** How a delivery comes to ask. */
export interface Coming {
  /** From the calendar, at the turn that it was given. */
  readonly due: boolean
  /** Somebody wants to know whether the endpoint works: neither breaker nor pause keeps it away, nor who waits in the calendar. */
  readonly probing: boolean
  /** Where it waits, others have too little room; said by who asks for it from another dispatcher. */
  readonly crowded?: boolean
}

export interface LaneContext {
  /** The lanes' clock: milliseconds that only grow, whatever is done to the clock of the machine. */
  readonly now: () => number
  readonly random: () => number
  readonly capacity: Capacity
  readonly team: () => Team
  /** Whether it is this dispatcher that gives out the turns of a subscription where only one does. */
  readonly keeps: (subscriptionId: string) => boolean
  /** Whether a tenant has more waiting here than leaves room for the others. */
  readonly isCrowded: (tenant: string) => boolean
  /** The endpoint works again: what waits in the calendar for nothing else may come. */
  readonly recovered: (subscription: LaneOwner) => void
  /** The receiver wants to be left alone for so long, by the other dispatchers, too; 0: no longer. */
  readonly paused: (subscription: LaneOwner, forMs: number) => void
}

export interface LaneOwner {
  readonly id: string
  readonly tenant: string
}

interface Waiting {
  readonly since: number
  /** Until then it has reason to wait for a token. */
  readonly tokenUntil: number
  readonly coming: Coming
  readonly resolve: (turn: LaneTurn | Deferral) => void
}

/**
 * Who expects to wait longer for a slot goes to the calendar, and so does who finds so many waiting. An endpoint that
 * answers quickly is waited for longer: a burst is soon through, and would take many times as long by way of the calendar.
 */
const patience = {
  quick: { slotMs: 15_000, waiting: 1_000 },
  unproven: { slotMs: 1_000, waiting: 100 },
  slow: { slotMs: 1_000, waiting: 1_000 },
} as const satisfies Record<Standing, { slotMs: number; waiting: number }>
/** For a token, or the end of a pause, nobody waits longer; nor does who comes from the calendar, and can go back. */
const patienceMs = 1_000
/**
 * While an endpoint has nothing to do, those that were told to come later are called so often at most. A slow one may have
 * been slow once: but if it always is, nearly all that are called are told to come later again.
 */
const callAgainMs = { quick: 5_000, slow: 60_000 } as const
const tokensToWaitFor = 4
const longestWaitForTokenMs = 60_000
const rememberMs = 60_000
const hour = 3_600_000

/**
 * A lane is one subscription's way to its endpoint, and the one place that says who may go when. Whoever asks gets a turn
 * at once, if the gate is free, or waits in the queue when its turn is expected soon, or is deferred: told when to come
 * back.
 */
export class Lane implements Holder {
  readonly tenant: string
  readonly #owner: LaneOwner
  readonly #context: LaneContext
  readonly #gate: Gate
  readonly #queue: Waiting[] = []
  readonly #putOff: PutOff
  #rules: LaneRules | undefined
  #team: Team | undefined
  #sharers = 1
  #timer: NodeJS.Timeout | undefined
  #usedAt = 0
  #calledAt = -Infinity

  constructor(context: LaneContext, owner: LaneOwner) {
    this.#context = context
    this.#owner = owner
    this.tenant = owner.tenant
    this.#gate = new Gate(context.capacity, this)
    this.#putOff = new PutOff(context.random)
    this.#usedAt = context.now()
  }

  get standing(): Standing {
    return this.#gate.standing
  }

  /** How many attempts are under way. */
  get held(): number {
    return this.#gate.passing
  }

  enter(rules: LaneRules, coming: Coming): LaneTurn | Promise<LaneTurn | Deferral> | Deferral {
    const now = this.#context.now()
    this.#usedAt = now
    if (rules !== this.#rules || this.#context.team() !== this.#team) this.#adopt(rules, now)
    if (this.#isBehindCalendar(now, coming)) return this.#defer(now, coming)
    if (this.#queue.length === 0) {
      const turn = this.#tryStart(now, coming, now)
      if (turn === 'refused') return this.#defer(now, coming)
      if (turn !== 'wait') return turn
    }
    if (this.#isTooLong(now, coming)) return this.#defer(now, coming)
    const tokenMs = this.#tokenMs(now)
    return new Promise((answer) => {
      const resolve = tokenMs > patienceMs ? this.#context.capacity.waitsLong(answer) : answer
      this.#queue.push({ since: now, tokenUntil: now + 2 * tokenMs, coming, resolve })
      this.#waitForTime(now)
    })
  }

  /** Lets those in the queue go for whom the way is free. */
  proceed(): void {
    const now = this.#context.now()
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const turn = this.#tryStart(now, next.coming, next.since)
      if (turn === 'wait') return this.#waitForTime(now)
      this.#queue.shift()
      next.resolve(turn === 'refused' ? this.#defer(now, next.coming) : turn)
    }
  }

  /** Sees to what time alone changes. Returns whether the lane can be forgotten. */
  sweep(): boolean {
    const now = this.#context.now()
    if (this.#rules && this.#context.team() !== this.#team) this.#adopt(this.#rules, now)
    if (this.#queue.length > 0 && this.#isKeptElsewhere()) this.clear()
    this.#gate.sweep(now)
    this.#deferOverdue(now)
    if (this.#gate.passing > 0 || this.#queue.length > 0 || now - this.#usedAt < rememberMs) return false
    if (this.#gate.owesTokens(now)) return false
    const isOpen = this.#gate.endpoint.breaker.state !== 'closed'
    return !(isOpen || this.#gate.closedUntil > now || this.lastTurn > now) || now - this.#usedAt > hour
  }

  /** Nobody gets a turn for so long; 0: the receiver takes something again. */
  pause(forMs: number): void {
    const now = this.#context.now()
    if (forMs > 0) this.#gate.endpoint.pause(now + forMs)
    else if (this.#gate.endpoint.endPause(now)) {
      this.proceed()
      this.#callBack(now)
    }
    this.#endQueueIfClosed(now)
  }

  tellPause(tell: LaneContext['paused']): void {
    const forMs = this.#gate.endpoint.pauseUntil - this.#context.now()
    if (forMs > 0) tell(this.#owner, forMs)
  }

  /** The last turn that was given to somebody in the calendar. */
  get lastTurn(): number {
    return this.#putOff.lastTurn
  }

  /** It is another endpoint, or somebody says that it is back: nothing that was learnt of it holds any more. */
  forgetEndpoint(): void {
    this.#gate.forgetEndpoint()
    this.proceed()
  }

  /** The turns that were given until now no longer count: those who have them are given others. */
  forgetTurns(): void {
    this.#putOff.forgetTurns()
  }

  /** Another turn for one who waits in the calendar, whichever dispatcher put it there. */
  turnAnew(rules: LaneRules, probing: boolean): number {
    const now = this.#context.now()
    if (rules !== this.#rules || this.#context.team() !== this.#team) this.#adopt(rules, now)
    if (probing) return this.#defer(now, { due: true, probing }).deferUntil
    const circumstances = this.#circumstances(now, { due: true, probing })
    return this.#putOff.anew(now, circumstances, { sharers: this.#sharers, closedUntil: this.#gate.closedUntil })
  }

  /** Defers all who wait. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#deferQueue(this.#context.now())
  }

  #adopt(rules: LaneRules, now: number): void {
    const team = this.#context.team()
    this.#sharers = isKeptByOne(rules, team.count) ? 1 : team.count
    this.#gate.adopt(rules, this.#sharers, now)
    if (team !== this.#team) this.#gate.forgoBurst(team.since)
    this.#rules = rules
    this.#team = team
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.proceed()
  }

  /** Those who wait here would go beside those who wait at the dispatcher that gives out the turns now. */
  #isKeptElsewhere(): boolean {
    if (!this.#rules || !isKeptByOne(this.#rules, this.#context.team().count)) return false
    return !this.#context.keeps(this.#owner.id)
  }

  #tryStart(now: number, { probing }: Coming, since: number): LaneTurn | 'wait' | 'refused' {
    const passage = this.#gate.tryPass(now, { probing, since })
    if (typeof passage === 'string') return passage
    if (this.#gate.rate) this.#putOff.tookToken()
    return { leave: (shown) => this.#leave(passage, shown), lose: () => this.#leave(passage, 'unknown') }
  }

  #leave(passage: Passage, shown: Shown | 'unknown' | undefined): void {
    if (!this.#gate.has(passage)) return
    if (!shown) this.#gate.giveTokenBack(passage)
    else if (shown !== 'unknown') this.#learn(shown, passage)
    this.#gate.leave(passage)
    if (this.#queue.length > 0) this.proceed()
    else if (this.#gate.passing === 0)
      this.#callThoseInTheCalendar(shown !== 'unknown' && shown?.result === 'succeeded')
  }

  #learn(shown: Shown, passage: Passage): void {
    const now = this.#context.now()
    const { pauseUntil } = this.#gate.endpoint
    const change = this.#gate.learn(shown, passage, now, this.#context.random)
    const until = this.#gate.endpoint.pauseUntil
    if (until > pauseUntil) this.#context.paused(this.#owner, until - now)
    // Whether or not anybody was put off here: it may have been another dispatcher that met with a pause, or one of before.
    if (change === 'welcome') {
      this.#context.paused(this.#owner, 0)
      this.#callBack(now)
    } else if (change === 'recovered' && this.lastTurn > now + patienceMs) this.#callBack(now)
    if (change !== 'closed') return
    this.#putOff.breakerOpened()
    this.#endQueueIfClosed(now)
  }

  /** They were told to come when the endpoint was thought to be slower than it is. Tokens come no sooner. */
  #callThoseInTheCalendar(hasSucceeded: boolean): void {
    const now = this.#context.now()
    const { standing } = this
    if (standing === 'unproven' || (standing === 'slow' && !hasSucceeded)) return
    if (now - this.#calledAt <= callAgainMs[standing]) return
    const lastTurn = this.#gate.rate ? this.#putOff.lastTurnForSlot : this.lastTurn
    if (lastTurn > now + patienceMs && this.#gate.isOpenWide(now)) this.#callBack(now)
  }

  #callBack(now: number): void {
    this.#calledAt = now
    this.#context.recovered(this.#owner)
  }

  /**
   * While others wait in the calendar for their tokens, who comes anew goes behind them; unless the tokens stay unused,
   * because those in the calendar were cancelled.
   */
  #isBehindCalendar(now: number, { due, probing }: Coming): boolean {
    const { rate } = this.#gate
    if (!rate || due || probing || this.lastTurn <= now + patienceMs) return false
    return this.#gate.idleMs(now) < patienceMs + rate.intervalMs
  }

  /**
   * Turns for tokens are given out a bit closer than tokens come. So those who come from the calendar are more and more
   * early: a few of them wait here, even where a token takes long, unless others need their places.
   */
  #tokenPatienceMs({ due }: Coming): number {
    const { rate } = this.#gate
    if (!due || !rate || !this.#context.capacity.isPatient) return patienceMs
    return Math.min(Math.max(patienceMs, tokensToWaitFor * rate.intervalMs), longestWaitForTokenMs)
  }

  /** Whether the turn of whoever comes now will not come soon, as far as can be told. */
  #isTooLong(now: number, coming: Coming): boolean {
    const { slotMs, waiting } = patience[this.standing]
    const isCrowded = coming.crowded ?? this.#context.isCrowded(this.tenant)
    const slotPatienceMs = isCrowded ? 0 : coming.due ? patienceMs : slotMs
    if (this.#queue.length >= waiting || this.#slotMs(now) > slotPatienceMs) return true
    if (this.#tokenMs(now) > this.#tokenPatienceMs(coming)) return true
    return !coming.probing && this.#gate.closedUntil - now > patienceMs
  }

  #slotMs(now: number): number {
    return this.#gate.slotMs(now, this.#queue.length)
  }

  #tokenMs(now: number): number {
    return this.#gate.tokenMs(now, this.#queue.length)
  }

  #waitForTime(now: number): void {
    const [next] = this.#queue
    if (!next || this.#timer) return
    const waitMs = Math.max(this.#gate.tokenMs(now, 0), next.coming.probing ? 0 : this.#gate.closedUntil - now)
    if (waitMs <= 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.proceed()
    }, waitMs)
  }

  #endQueueIfClosed(now: number): void {
    if (this.#gate.closedUntil - now > patienceMs) this.#deferQueue(now)
  }

  #deferQueue(now: number): void {
    for (const next of this.#queue.splice(0)) next.resolve(this.#defer(now, next.coming))
  }

  /** Those whose turn should have come long before. */
  #deferOverdue(now: number): void {
    const since = now - 2 * patience[this.standing].slotMs
    const inTime = this.#queue.findIndex((waiting) => waiting.since > since || waiting.tokenUntil > now)
    // All at once: none of them is to come back behind those who were behind it.
    const overdue = this.#queue.splice(0, inTime < 0 ? this.#queue.length : inTime)
    for (const next of overdue) next.resolve(this.#defer(now, next.coming))
  }

  #defer(now: number, coming: Coming): Deferral {
    return this.#putOff.until(now, this.#circumstances(now, coming))
  }

  #circumstances(now: number, { due, probing }: Coming): Circumstances {
    const { endpoint, circuitBreaker, rate, concurrency } = this.#gate
    return {
      endpoint,
      circuitBreaker,
      rate,
      tokenMs: this.#tokenMs(now),
      slotMs: this.#slotMs(now),
      slotSpacingMs: this.#gate.slotSpacingMs(now),
      concurrency,
      due,
      probing,
    }
  }
}
