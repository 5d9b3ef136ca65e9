/**
 * How quickly an endpoint lately gave turns back: `unproven` when that is not known yet, `slow` when it holds, or
 * held, one for long, as hanging endpoints do.
 */
export type Standing = 'quick' | 'unproven' | 'slow'

/** Who takes part of the capacity: a lane. */
export interface Holder {
  readonly tenant: string
  readonly standing: Standing
  /** There is room now: take it if it is still wanted. */
  proceed(): void
}

/**
 * How many attempts this dispatcher has under way, over all subscriptions.
 *
 * Slow endpoints together get at most a third of it, so that thousands of hanging ones cannot fill it; and those that
 * nobody knows yet get what soon tells, a sixth. Who must wait is served tenant by tenant in turn, so that one with much
 * work does not keep the others waiting.
 */
export class Capacity {
  readonly #total: number
  readonly #held: Record<Standing, number> = { quick: 0, unproven: 0, slow: 0 }
  /** Waiting holders by tenant. A tenant that was served goes to the end. */
  readonly #waiting = new Map<string, Set<Holder>>()

  constructor(total: number) {
    this.#total = total
  }

  /** `refused`: there will not be room soon. Whoever is told `wait` is called when there is. */
  take(holder: Holder): 'taken' | 'wait' | 'refused' {
    const { standing } = holder
    if (this.#hasRoom(standing)) {
      this.#held[standing]++
      return 'taken'
    }
    if (standing === 'slow') return 'refused'
    const ofTenant = this.#waiting.get(holder.tenant)
    if (ofTenant) ofTenant.add(holder)
    else this.#waiting.set(holder.tenant, new Set([holder]))
    return 'wait'
  }

  give(standing: Standing): void {
    this.#held[standing]--
    if (this.#waiting.size > 0) this.#serve()
  }

  /** A holder's standing has changed while it held so many. */
  move(count: number, from: Standing, to: Standing): void {
    this.#held[from] -= count
    this.#held[to] += count
    if (this.#waiting.size > 0) this.#serve()
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

  /** Calls one who waits, of the tenant whose turn it is; the next one, when that one no longer wants it or has no room. */
  #serve(): void {
    for (let tenants = this.#waiting.size; tenants > 0; tenants--) {
      const holder = this.#nextWaiting()
      if (!holder) return
      const before = this.#held[holder.standing]
      if (!this.#hasRoom(holder.standing)) this.take(holder)
      else holder.proceed()
      if (this.#held[holder.standing] > before) return
    }
  }

  #nextWaiting(): Holder | undefined {
    for (const [tenant, holders] of this.#waiting) {
      this.#waiting.delete(tenant)
      for (const holder of holders) {
        holders.delete(holder)
        if (holders.size > 0) this.#waiting.set(tenant, holders)
        return holder
      }
    }
    return undefined
  }
}
