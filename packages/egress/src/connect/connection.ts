/** One connection and where the time went, written while it is being made. Times in milliseconds. */
export interface Connection {
  /** By the clock of `performance.now()`. */
  readonly startedAt: number
  /** The address that is, or was last, connected to. Null while unknown, and always through a proxy. */
  address: string | null
  dnsMs: number | null
  /** TCP; through a proxy everything until the tunnel stands, and TLS. */
  connectMs: number | null
  tlsMs: number | null
  /** Gives up making it. Undefined when that is over, and where it is up to a proxy. */
  cancel: ((reason: Error) => void) | undefined
}

/** What carried one request. Times are null for steps that did not happen, or not to their end. */
export interface UsedConnection {
  readonly address: string | null
  /** It was there already, and cost this request nothing. */
  readonly reused: boolean
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly tlsMs: number | null
}

/** Where a client keeps the connection it has, is making, or had last. */
export interface ConnectionHolder {
  connection: Connection | undefined
}

/** Goes along with one request (`dispatch({ …, connection: watchConnection() })`) and tells what carried it. */
export interface ConnectionWatch {
  /** Null until the request was given to a connection. To be read when the request ends, not later. */
  used(): UsedConnection | null
  /** The request is not waited for any more: a connection that is still being made for it is not made. */
  abandon(reason: Error): void
  /** Called by the client that takes the request. */
  follow(holder: ConnectionHolder): void
}

/** One per request, made right before it is dispatched. */
export const watchConnection = (): ConnectionWatch => new Watch()

class Watch implements ConnectionWatch {
  readonly #since = performance.now()
  #holder: ConnectionHolder | undefined

  follow(holder: ConnectionHolder): void {
    this.#holder = holder
  }

  used(): UsedConnection | null {
    const connection = this.#holder?.connection
    if (!connection) return null
    const { startedAt, address, dnsMs, connectMs, tlsMs } = connection
    const reused = startedAt < this.#since
    return reused ? { address, reused, ...unspent } : { address, reused, dnsMs, connectMs, tlsMs }
  }

  abandon(reason: Error): void {
    this.#holder?.connection?.cancel?.(reason)
  }
}

const unspent = { dnsMs: null, connectMs: null, tlsMs: null }
