/** Heartbeats come every second: three in a row that are missing mean that their sender is gone. */
const goneAfterMs = 3_500

/** Which other dispatchers live, from what was heard of them. Times are milliseconds on any clock that only grows. */
export class KnownPeers {
  readonly #lastHeard = new Map<string, number>()

  /** Returns whether it was unknown before. */
  heard(id: string, now: number): boolean {
    const isNew = !this.#lastHeard.has(id)
    this.#lastHeard.set(id, now)
    return isNew
  }

  left(id: string): void {
    this.#lastHeard.delete(id)
  }

  /** Forgets those of whom nothing was heard for long. */
  forgetSilent(now: number): void {
    for (const [id, at] of this.#lastHeard) if (now - at > goneAfterMs) this.#lastHeard.delete(id)
  }

  /** Nothing could be heard until now: nobody is silent on purpose. */
  excuseSilence(now: number): void {
    for (const id of this.#lastHeard.keys()) this.#lastHeard.set(id, now)
  }

  ids(): string[] {
    return [...this.#lastHeard.keys()]
  }

  get size(): number {
    return this.#lastHeard.size
  }
}
