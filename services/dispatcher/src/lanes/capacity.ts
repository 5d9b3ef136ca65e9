import { TransientMap } from '@jethook/runtime'

/**
 * How quickly an endpoint lately gave turns back: `unproven` when that is not known yet, `slow` when it holds, or
 * held, one for long, as hanging endpoints do.
 */
export type Standing = 'quick' | 'unproven' | 'slow'

/** Who takes part of the capacity: a lane. */
export interface Holder {
  readonly tenant: string
  readonly standing: Standing
  /** How much of it this one holds. */
  readonly held: number
  /** There is room now: take it if it is still wanted. */
  proceed(): void
}

/** Holders by tenant. A tenant that was served goes to the end. */
type Line = Map<string, Set<Holder>>

/**
 * How many attempts this dispatcher has under way, over all subscriptions.
 *
 * Slow endpoints together get at most a third of it, so that thousands of hanging ones cannot fill it; and those that
 * nobody knows yet get what soon tells, a sixth. Of those who must wait, who holds least is served first, tenant before
 * endpoint: so neither one with much work, nor one whose every attempt takes long, keeps the others waiting.
 */
export class Capacity {
  readonly #total: number
  readonly #held: Record<Standing, number> = { quick: 0, unproven: 0, slow: 0 }
  #waitingLong = 0
  readonly #heldBy = new TransientMap<string, number>()
  /** Slow ones never wait. */
  readonly #waiting: Record<'quick' | 'unproven', Line> = { quick: new Map(), unproven: new Map() }

  constructor(total: number) {
    this.#total = total
  }

  /** `refused`: there will not be room soon. Whoever is told `wait` is called when there is. */
  take(holder: Holder): 'taken' | 'wait' | 'refused' {
    const { standing, tenant } = holder
    if (this.#hasRoom(standing)) {
      this.#held[standing]++
      this.#heldBy.set(tenant, (this.#heldBy.get(tenant) ?? 0) + 1)
      return 'taken'
    }
    if (standing === 'slow') return 'refused'
    const line = this.#waiting[standing]
    const ofTenant = line.get(tenant)
    if (ofTenant) ofTenant.add(holder)
    else line.set(tenant, new Set([holder]))
    return 'wait'
  }

  give({ standing, tenant }: Holder): void {
    this.#held[standing]--
    const left = (this.#heldBy.get(tenant) ?? 0) - 1
    if (left > 0) this.#heldBy.set(tenant, left)
    else this.#heldBy.delete(tenant)
    this.#serve()
  }

  /** A holder's standing has changed while it held so many. */
  move(count: number, from: Standing, to: Standing): void {
    this.#held[from] -= count
    this.#held[to] += count
    this.#serve()
  }

  /**
   * Whether one more may wait for long, for a token: who waits holds one of the places of those that come from the
   * calendar. There are as many as attempts, at least, and thousands of low rate limits could fill them.
   */
  get isPatient(): boolean {
    return this.#waitingLong < this.#total / 4
  }

  /** Counts one that waits for long until it has its answer. */
  waitsLong<Answer>(answer: (given: Answer) => void): (given: Answer) => void {
    this.#waitingLong++
    return (given) => {
      this.#waitingLong--
      answer(given)
    }
  }

  #hasRoom(standing: Standing): boolean {
    const { quick, unproven, slow } = this.#held
    if (quick + unproven + slow >= this.#total) return false
    switch (standing) {
      case 'quick':
        return true
      case 'unproven':
        return unproven < this.#total / 6 && unproven + slow < (this.#total * 2) / 3
      case 'slow':
        return slow < this.#total / 3
    }
  }

  /** Calls one who waits; the next one, when that one no longer wants it. */
  #serve(): void {
    // Those that nobody knows yet first: more than a sixth they cannot take.
    for (const standing of ['unproven', 'quick'] as const) {
      while (this.#waiting[standing].size > 0 && this.#hasRoom(standing)) {
        const before = this.#held[standing]
        this.#next(this.#waiting[standing])?.proceed()
        if (this.#held[standing] > before) return
      }
    }
  }

  #next(line: Line): Holder | undefined {
    const served = fewest(line, ([tenant]) => this.#heldBy.get(tenant) ?? 0)
    if (!served) return undefined
    const [tenant, holders] = served
    const holder = fewest(holders, ({ held }) => held)
    if (holder) holders.delete(holder)
    line.delete(tenant)
    if (holders.size > 0) line.set(tenant, holders)
    return holder
  }
}

/** The first of those of which least is counted. */
function fewest<T>(items: Iterable<T>, count: (item: T) => number): T | undefined {
  let found: T | undefined
  let least = Infinity
  for (const item of items) {
    const counted = count(item)
    if (counted >= least) continue
    found = item
    least = counted
    if (least === 0) break
  }
  return found
}
