import type { DeferralReason, OrderProgress } from '@jethook/contracts'
import { TransientMap, TransientSet } from '@jethook/runtime'

/** An event that waits for its turn, or has it. Times are milliseconds since the epoch. */
export interface OrderedItem {
  readonly sequence: number
  readonly key: string
  /** The number of the attempt to make. */
  readonly attempt: number
  readonly retries: number
  /** Not to be attempted before. */
  readonly at: number
  /** Why it waits for its turn, and not for its retry: it may come sooner when that is free. */
  readonly deferred?: DeferralReason | 'misconfigured' | undefined
  /** It waits for its retry for as long as the receiver asked to be left alone: it may come sooner when that is over. */
  readonly isHeldUp?: boolean | undefined
}

/** An event that has waited for long without an attempt, and why: whether others come first, or what is in its way. */
export interface Waiter {
  readonly item: OrderedItem
  readonly behindOthers: boolean
}

/**
 * The events of one subscription that were read and are not through, in the order of EVENTS, as one queue per ordering
 * key. Only the first of a queue may be attempted; the next one may when it is let go, which is when the first was
 * delivered, or was given up and that is stored.
 *
 * An event is through when its outcome is stored. How far all that got is what `progress` tells, and from it another
 * dispatcher goes on: it may deliver again what this one had delivered, but never a later event of a key before an
 * earlier one.
 */
export class OrderQueue {
  readonly #queues = new TransientMap<string, OrderedItem[]>()
  /** Heads that are being attempted. */
  readonly #active = new TransientSet<number>()
  /** Read and not through; in order. */
  readonly #open = new TransientSet<number>()
  /** Those that were never attempted and not told of, and when they were read; in order. */
  readonly #fresh = new TransientMap<number, { readonly item: OrderedItem; readonly readAt: number }>()
  /** What whoever had it before left, in order; those that are read are no longer in it. */
  readonly #left: number[]
  readonly #stuck: Map<number, Omit<OrderProgress['stuck'][number], 'sequence'>>
  #floor: number
  /** All up to here are through, but those that are open or left. */
  #upTo: number
  #readUpTo: number

  constructor({ floor, upTo, waiting, stuck }: Omit<OrderProgress, 'holder'>) {
    this.#floor = floor
    this.#readUpTo = floor
    this.#upTo = upTo
    // The last one first: they are taken from the end.
    this.#left = waiting.map((distance) => floor + distance).toReversed()
    this.#stuck = new Map(stuck.map(({ sequence, ...rest }) => [sequence, rest]))
  }

  /** All up to here were read, or need not be. */
  get readUpTo(): number {
    return this.#readUpTo
  }

  /** Events that are read and not through. */
  get size(): number {
    return this.#open.size
  }

  get active(): number {
    return this.#active.size
  }

  /** Whether it was read, and is not through. */
  isOpen(sequence: number): boolean {
    return this.#open.has(sequence)
  }

  /**
   * An event that was read, in the order of EVENTS; without a key when it does not concern the subscription. Returns whether
   * it waits from now on: it may be through already.
   */
  read(sequence: number, key: string | undefined, now: number): boolean {
    while ((this.#left.at(-1) ?? Infinity) < sequence) this.#left.pop()
    const isLeft = this.#left.at(-1) === sequence
    if (isLeft) this.#left.pop()
    const waits = key !== undefined && (isLeft || sequence > this.#upTo)
    // What lies between those that were left need not be read.
    this.#readUpTo = Math.max(this.#readUpTo, sequence, (this.#left.at(-1) ?? this.#upTo + 1) - 1)
    if (waits) {
      const stuck = this.#stuck.get(sequence) ?? { attempt: 1, retries: 0, at: 0 }
      const item = { sequence, key, ...stuck }
      this.#open.add(sequence)
      if (item.attempt === 1) this.#fresh.set(sequence, { item, readAt: now })
      const queue = this.#queues.get(key)
      if (queue) queue.push(item)
      else this.#queues.set(key, [item])
    }
    this.#raiseFloor()
    return waits
  }

  /**
   * Those that were read `then` or before, and that neither were attempted since nor are at this moment; each of them once. Who is
   * only waiting for a turn at this moment may be put off yet, and is told of then.
   */
  waitedSince(then: number): Waiter[] {
    const found: Waiter[] = []
    for (const [sequence, { item, readAt }] of this.#fresh) {
      if (readAt > then) break
      if (this.#active.has(sequence)) continue
      this.#fresh.delete(sequence)
      const head = this.#queues.get(item.key)?.[0]
      found.push(head?.sequence === sequence ? { item: head, behindOthers: false } : { item, behindOthers: true })
    }
    return found
  }

  /** When the first one was read that `waitedSince` may tell of next. */
  get firstReadAt(): number | undefined {
    for (const [sequence, { readAt }] of this.#fresh) if (!this.#active.has(sequence)) return readAt
    return undefined
  }

  /** Those that may be attempted now; at most so many. */
  ready(now: number, limit: number): OrderedItem[] {
    const found: OrderedItem[] = []
    for (const [head] of this.#queues.values()) {
      if (found.length >= limit) break
      if (head && head.at <= now && !this.#active.has(head.sequence)) found.push(head)
    }
    return found
  }

  /** When the next one may be attempted that may not now. */
  nextAt(now: number): number | undefined {
    let next: number | undefined
    for (const [head] of this.#queues.values()) {
      if (!head || head.at <= now || this.#active.has(head.sequence)) continue
      if (next === undefined || head.at < next) next = head.at
    }
    return next
  }

  /** The one of this sequence, if it was read and is not being attempted. */
  waiting(sequence: number): OrderedItem | undefined {
    if (!this.#open.has(sequence) || this.#active.has(sequence)) return undefined
    for (const queue of this.#queues.values()) {
      const found = queue.find((item) => item.sequence === sequence)
      if (found) return found
    }
    return undefined
  }

  /** Attempts were made elsewhere: the next one of this item, which waits, has at least this number. */
  count(item: OrderedItem, attempt: number): void {
    const counted = { ...item, attempt: Math.max(item.attempt, attempt) }
    const { retries, at, isHeldUp = false } = counted
    const stuck = { attempt: counted.attempt, retries, at: item.deferred ? 0 : at, ...(isHeldUp && { isHeldUp }) }
    this.#stuck.set(item.sequence, stuck)
    this.#fresh.delete(item.sequence)
    const queue = this.#queues.get(item.key) ?? []
    const place = queue.indexOf(item)
    if (place >= 0) queue[place] = counted
  }

  start({ sequence }: OrderedItem): void {
    this.#active.add(sequence)
  }

  /** It was delivered, or given up and that is stored: the next of its key may go. */
  letGo({ sequence, key }: OrderedItem): void {
    this.#active.delete(sequence)
    this.#fresh.delete(sequence)
    const queue = this.#queues.get(key) ?? []
    const place = queue.findIndex((item) => item.sequence === sequence)
    if (place >= 0) queue.splice(place, 1)
    if (queue.length === 0) this.#queues.delete(key)
  }

  /** Its outcome is stored. */
  through({ sequence }: OrderedItem): void {
    if (!this.#open.delete(sequence)) return
    this.#upTo = Math.max(this.#upTo, sequence)
    this.#stuck.delete(sequence)
    this.#raiseFloor()
  }

  /** It stays the first of its key, and is attempted again. */
  postpone(item: OrderedItem, next: Pick<OrderedItem, 'attempt' | 'retries' | 'at' | 'deferred' | 'isHeldUp'>): void {
    const { attempt, retries, at, deferred, isHeldUp = false } = next
    this.#active.delete(item.sequence)
    // Whoever takes over asks for a turn anew: nobody there could say when it may come sooner.
    if (attempt > 1) {
      this.#stuck.set(item.sequence, { attempt, retries, at: deferred ? item.at : at, ...(isHeldUp && { isHeldUp }) })
      this.#fresh.delete(item.sequence)
    }
    const queue = this.#queues.get(item.key)
    if (queue?.[0]?.sequence === item.sequence) queue[0] = { ...item, attempt, retries, at, deferred, isHeldUp }
  }

  /** Those that wait for their turn, or for the end of a pause, may ask for it again. */
  recall(): void {
    for (const queue of this.#queues.values()) {
      const [head] = queue
      if (head && (head.deferred || head.isHeldUp) && !this.#active.has(head.sequence))
        queue[0] = { ...head, at: 0, deferred: undefined, isHeldUp: false }
    }
    // Also those that are not read yet.
    for (const [sequence, { isHeldUp, ...stuck }] of this.#stuck)
      if (isHeldUp) this.#stuck.set(sequence, { ...stuck, at: 0 })
  }

  progress(): Omit<OrderProgress, 'holder'> {
    const waiting: number[] = []
    for (const sequence of this.#open) {
      // Whoever takes over reads what is behind all that is through.
      if (sequence > this.#upTo) break
      waiting.push(sequence - this.#floor)
    }
    for (const sequence of this.#left.toReversed()) waiting.push(sequence - this.#floor)
    return {
      floor: this.#floor,
      upTo: this.#upTo,
      waiting,
      stuck: Array.from(this.#stuck, ([sequence, rest]) => ({ sequence, ...rest })),
    }
  }

  #raiseFloor(): void {
    const [lowestOpen] = this.#open
    const floor = lowestOpen === undefined ? this.#readUpTo : lowestOpen - 1
    if (floor <= this.#floor) return
    this.#floor = floor
    for (const sequence of this.#stuck.keys()) if (sequence <= floor) this.#stuck.delete(sequence)
  }
}
