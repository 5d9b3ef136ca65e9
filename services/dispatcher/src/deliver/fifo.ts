/** Of those that are taken out already, so many are kept at most. */
const forgetAfter = 1_000

/** First in, first out. `shift` of an array of thousands moves them all. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = []
  #next = 0

  get length(): number {
    return this.#items.length - this.#next
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#next]
    this.#items[this.#next++] = undefined
    if (this.#next === this.#items.length || this.#next > forgetAfter) {
      this.#items = this.#items.slice(this.#next)
      this.#next = 0
    }
    return item
  }
}
