import { TransientMap } from '@jethook/runtime'
import { Fifo } from './fifo.ts'

/** Events are read ahead so far that those for many subscriptions take turns with the others. */
const maxInLine = 64
/** What one tenant may have of the room. */
const largestShare = 3 / 4

/**
 * How many deliveries of events are in memory at once. Whoever finds it full waits in line, and asks for one at a time:
 * so an event for thousands of subscriptions takes turns with the others, and thousands of such events do not fill the
 * memory with deliveries that wait.
 *
 * No tenant is to fill it: the others' events are behind its own in the stream. Of one that has too many here, those that
 * would have to wait go to the calendar.
 */
export class Room {
  readonly #total: number
  readonly #freed: () => void
  readonly #held = new TransientMap<string, number>()
  #free: number
  readonly #line = new Fifo<() => void>()

  /** `freed` is called when it was full and is not any more; see `isFull`. */
  constructor(total: number, freed: () => void = () => undefined) {
    this.#total = total
    this.#freed = freed
    this.#free = total
  }

  /** Whether a tenant has more than three quarters of it; or, when it gets scarce, more than twice its share. */
  isCrowded(tenant: string): boolean {
    const held = this.#held.get(tenant) ?? 0
    if (held > this.#total * largestShare) return true
    return this.#free < this.#total / 2 && held > (2 * this.#total) / this.#held.size
  }

  /** Whether enough wait in line already. */
  get isFull(): boolean {
    return this.#line.length >= maxInLine
  }

  /** Nothing when there is room; else resolves when there is. */
  take(tenant: string): Promise<void> | undefined {
    this.#held.set(tenant, (this.#held.get(tenant) ?? 0) + 1)
    if (this.#free > 0) {
      this.#free--
      return undefined
    }
    return new Promise((resolve) => this.#line.push(resolve))
  }

  give(tenant: string): void {
    const held = (this.#held.get(tenant) ?? 0) - 1
    if (held > 0) this.#held.set(tenant, held)
    else this.#held.delete(tenant)
    const proceed = this.#line.shift()
    if (!proceed) {
      this.#free++
      return
    }
    if (this.#line.length === maxInLine - 1) this.#freed()
    proceed()
  }
}
