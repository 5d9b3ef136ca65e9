import type { HttpConnection } from './http-connection.ts'

/** Of those that may be open at most, how many are closed at once: looking for idle ones is not for every connection. */
const closedAtOnce = 0.1
const sweepEveryMs = 1_000

/**
 * Closes connections that were idle for too long, and keeps their number from growing with the number of receivers: when there
 * are more than `max`, those that are idle for longest are closed. Busy ones are left alone, for whoever makes the requests
 * limits those.
 */
export class OpenConnections {
  readonly #max: number
  readonly #connections = new Set<HttpConnection>()
  #sweeper: NodeJS.Timeout | undefined

  constructor(max = Infinity) {
    this.#max = max
  }

  add(connection: HttpConnection): void {
    this.#connections.add(connection)
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepEveryMs).unref()
    if (this.#connections.size > this.#max) this.#makeRoom()
  }

  delete(connection: HttpConnection): void {
    this.#connections.delete(connection)
    if (this.#connections.size > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  #sweep(): void {
    const now = performance.now()
    for (const connection of this.#connections) if (hasExpired(connection, now)) connection.close()
  }

  #makeRoom(): void {
    const idle = [...this.#connections].filter(({ idleSince }) => idleSince !== undefined)
    const excess = this.#connections.size - this.#max + Math.floor(this.#max * closedAtOnce)
    const byIdleness = idle.toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0))
    for (const connection of byIdleness.slice(0, excess)) connection.close()
  }
}

/** Whether it was idle for longer than it may: then its receiver may be closing it. */
export const hasExpired = ({ idleSince, keptMs }: HttpConnection, now: number): boolean =>
  idleSince !== undefined && now - idleSince >= keptMs
