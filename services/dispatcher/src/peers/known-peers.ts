/** Heartbeats come every second: three in a row that are missing mean that their sender is gone. */
const goneAfterMs = 3_500
/** Longer than one that leaves takes for what it has under way. */
const finishedAfterMs = 25_000

/** The dispatchers that share the work; another object whenever one comes or goes. */
export interface Team {
  /** Who asks is one of them. */
  readonly count: number
  /** Since when they are these. */
  readonly since: number
}

/** Which other dispatchers live, from what was heard of them. Times are milliseconds on any clock that only grows. */
export class KnownPeers {
  readonly #lastHeard = new Map<string, number>()
  readonly #leftAt = new Map<string, number>()
  #team: Team = { count: 1, since: -Infinity }

  get team(): Team {
    return this.#team
  }

  /** Returns whether it was unknown before. */
  heard(id: string, now: number): boolean {
    const isNew = !this.#lastHeard.has(id)
    this.#lastHeard.set(id, now)
    if (isNew) this.#changed(now)
    return isNew
  }

  left(id: string, now: number): void {
    this.#leftAt.set(id, now)
    this.#forget(id, now)
  }

  /** Whether it said that it leaves, and may have attempts under way still. */
  isFinishing(id: string): boolean {
    return this.#leftAt.has(id)
  }

  /** Forgets those of whom nothing was heard for long. */
  forgetSilent(now: number): void {
    for (const [id, at] of this.#lastHeard) if (now - at > goneAfterMs) this.#forget(id, now)
    for (const [id, at] of this.#leftAt) if (now - at > finishedAfterMs) this.#leftAt.delete(id)
  }

  /** Nothing could be heard until now: nobody is silent on purpose. */
  excuseSilence(now: number): void {
    for (const id of this.#lastHeard.keys()) this.#lastHeard.set(id, now)
  }

  ids(): string[] {
    return [...this.#lastHeard.keys()]
  }

  #forget(id: string, now: number): void {
    if (this.#lastHeard.delete(id)) this.#changed(now)
  }

  #changed(now: number): void {
    this.#team = { count: this.#lastHeard.size + 1, since: now }
  }
}
