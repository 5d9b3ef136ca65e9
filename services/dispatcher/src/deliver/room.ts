/**
 * How many deliveries of events are in memory at once. Whoever finds it full waits in line, and asks for one at a time:
 * so an event for thousands of subscriptions takes turns with the others, and thousands of such events do not fill the
 * memory with deliveries that wait.
 */
export class Room {
  #free: number
  /** Those who wait, from `#next` on. */
  #line: (() => void)[] = []
  #next = 0

  constructor(total: number) {
    this.#free = total
  }

  /** Nothing when there is room; else resolves when there is. */
  take(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--
      return undefined
    }
    return new Promise((resolve) => this.#line.push(resolve))
  }

  give(): void {
    const proceed = this.#line[this.#next]
    if (!proceed) {
      this.#free++
      return
    }
    this.#next++
    if (this.#next === this.#line.length || this.#next > 1_000) {
      this.#line = this.#line.slice(this.#next)
      this.#next = 0
    }
    proceed()
  }
}
