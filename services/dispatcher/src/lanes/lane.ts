/**
 * A lane is one subscription's way to its endpoint: so many attempts at once, and a short queue.
 *
 * Whoever asks to enter gets a turn at once, or waits in the queue when its turn is expected within `patienceMs`,
 * or is deferred: told when to come back. How long a turn takes is the moving average of the past ones, or the age of
 * the oldest that is still going when that is more, so an endpoint that starts to hang is noticed before it times out.
 * Those who are deferred get turns one after the other, not all at the same moment.
 */
export interface Deferral {
  /** Milliseconds since the epoch. */
  readonly deferUntil: number
}

export interface Turn {
  /** Gives the turn back. */
  leave(): void
}

const patienceMs = 1_000
const shortestDeferralMs = 1_000
const longestDeferralMs = 60_000
const firstEstimateMs = 50
/** Weight of the latest duration in the moving average. */
const smoothing = 0.2

interface Waiting {
  readonly since: number
  readonly resolve: (turn: Turn | Deferral) => void
}

export class Lane {
  readonly #active = new Set<{ readonly startedAt: number }>()
  readonly #queue: Waiting[] = []
  readonly #now: () => number
  #averageMs = firstEstimateMs
  #lastDeferral = 0
  #concurrency = 1

  constructor(now: () => number) {
    this.#now = now
  }

  get idle(): boolean {
    return this.#active.size === 0 && this.#queue.length === 0
  }

  enter(concurrency: number): Turn | Promise<Turn | Deferral> | Deferral {
    this.#concurrency = concurrency
    if (this.#active.size < concurrency && this.#queue.length === 0) return this.#start()
    if (this.#expectedWaitMs() > patienceMs) return this.#defer()
    return new Promise((resolve) => this.#queue.push({ since: this.#now(), resolve }))
  }

  /** Defers those in the queue whose turn did not come as expected; all of them when the dispatcher stops. */
  deferQueue(all: boolean): void {
    const before = all ? Infinity : this.#now() - 2 * patienceMs
    while (this.#queue[0] && this.#queue[0].since <= before) this.#queue.shift()?.resolve(this.#defer())
  }

  #start(): Turn {
    const turn = { startedAt: this.#now() }
    this.#active.add(turn)
    return {
      leave: () => {
        if (!this.#active.delete(turn)) return
        this.#averageMs += smoothing * (this.#now() - turn.startedAt - this.#averageMs)
        while (this.#active.size < this.#concurrency) {
          const next = this.#queue.shift()
          if (!next) return
          next.resolve(this.#start())
        }
      },
    }
  }

  #turnMs(): number {
    const [oldest] = this.#active
    return Math.max(this.#averageMs, oldest ? this.#now() - oldest.startedAt : 0)
  }

  #expectedWaitMs(): number {
    return ((this.#queue.length + 1) / this.#concurrency) * this.#turnMs()
  }

  #defer(): Deferral {
    const now = this.#now()
    const earliest = now + Math.max(shortestDeferralMs, this.#expectedWaitMs())
    const inTurn = Math.max(earliest, this.#lastDeferral + this.#turnMs() / this.#concurrency)
    this.#lastDeferral = Math.min(inTurn, now + longestDeferralMs)
    return { deferUntil: Math.round(this.#lastDeferral) }
  }
}
