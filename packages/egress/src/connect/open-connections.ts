import type { Socket } from 'node:net'

/** The client that has a connection, as undici's. */
export interface ConnectionOwner {
  /** The higher, the later it was used. */
  readonly lastUsed: number
  readonly stats: { readonly size: number }
}

/** Of those that may be open at most, how many are closed at once: looking for idle ones is not for every connection. */
const closedAtOnce = 0.1

/**
 * Keeps the number of connections from growing with the number of receivers: when there are more than `max`, those
 * that are idle for longest are closed. Busy ones are left alone, for whoever makes the requests limits those.
 */
export class OpenConnections {
  readonly #max: number
  readonly #sockets = new Map<ConnectionOwner, Socket>()

  constructor(max = Infinity) {
    this.#max = max
  }

  add(owner: ConnectionOwner, socket: Socket): void {
    this.#sockets.set(owner, socket)
    socket.once('close', () => {
      if (this.#sockets.get(owner) === socket) this.#sockets.delete(owner)
    })
    if (this.#sockets.size > this.#max) this.#closeIdle(owner)
  }

  #closeIdle(newest: ConnectionOwner): void {
    const idle = [...this.#sockets].filter(([owner]) => owner.stats.size === 0 && owner !== newest)
    const excess = this.#sockets.size - this.#max + Math.floor(this.#max * closedAtOnce)
    for (const [owner, socket] of idle.toSorted(([a], [b]) => a.lastUsed - b.lastUsed).slice(0, excess)) {
      this.#sockets.delete(owner)
      socket.destroy()
    }
  }
}
