import type { Arrivals } from './arrivals.ts'

/** Grows while requests arrive. */
export class Recording {
  readonly #atMs: number[] = []
  readonly #dueMs: number[] = []
  readonly #event: number[] = []
  readonly #endpoint: number[] = []
  readonly #fate: number[] = []

  add(atMs: number, dueMs: number, event: number, endpoint: number, fate: number): void {
    this.#atMs.push(atMs)
    this.#dueMs.push(dueMs)
    this.#event.push(event)
    this.#endpoint.push(endpoint)
    this.#fate.push(fate)
  }

  arrivals(): Arrivals {
    return {
      atMs: Float64Array.from(this.#atMs),
      dueMs: Float64Array.from(this.#dueMs),
      event: Uint32Array.from(this.#event),
      endpoint: Uint32Array.from(this.#endpoint),
      fate: Uint8Array.from(this.#fate),
    }
  }
}
