/** How many deliveries this dispatcher may have in hand. Who finds it full waits, in order. */
export class Capacity {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(total: number) {
    this.#free = total
  }

  take(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
