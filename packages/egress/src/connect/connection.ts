/** What making a connection goes through, in this order; `proxy` instead of the first two, where there is one. */
export type ConnectionStep = 'dns' | 'connect' | 'proxy' | 'tls'

/** In milliseconds. Null for steps that did not happen; of one that did not end it is the time until it was given up. */
export interface ConnectionTimes {
  readonly dnsMs: number | null
  /** TCP; through a proxy everything until the tunnel stands. */
  readonly connectMs: number | null
  readonly tlsMs: number | null
}

const timeOf = { dns: 'dnsMs', connect: 'connectMs', proxy: 'connectMs', tls: 'tlsMs' } as const
const unspent: ConnectionTimes = { dnsMs: null, connectMs: null, tlsMs: null }

/** One connection and where the time went, written while it is being made. */
export class Connection {
  /** By the clock of `performance.now()`. */
  readonly startedAt = performance.now()
  /** The address that is, or was last, connected to. Null while unknown, and always through a proxy. */
  address: string | null = null
  /** Gives up making it. Undefined when that is over. */
  cancel: ((reason: Error) => void) | undefined
  #step: ConnectionStep | undefined
  #since = this.startedAt
  #times: ConnectionTimes = unspent

  /** What it is at, or failed in. Undefined when nothing is to be done any more. */
  get step(): ConnectionStep | undefined {
    return this.#step
  }

  get times(): ConnectionTimes {
    if (!this.#step) return this.#times
    const elapsedMs = Math.round((performance.now() - this.#since) * 1_000) / 1_000
    return { ...this.#times, [timeOf[this.#step]]: elapsedMs }
  }

  /** The step before is done, if there was one. */
  begin(step: ConnectionStep): void {
    this.#goOn(step)
  }

  /** It stands. */
  finish(): void {
    this.cancel = undefined
    this.#goOn(undefined)
  }

  #goOn(next: ConnectionStep | undefined): void {
    this.#times = this.times
    this.#step = next
    this.#since = performance.now()
  }
}

/** What carried one request. */
export interface UsedConnection extends ConnectionTimes {
  readonly address: string | null
  /** It was there already, and cost this request nothing. */
  readonly reused: boolean
  /** The step that was not done when the request ended. */
  readonly unfinished?: ConnectionStep | undefined
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
    const { startedAt, address, step } = connection
    const reused = startedAt < this.#since
    const { dnsMs, connectMs, tlsMs } = reused ? unspent : connection.times
    return { address, reused, dnsMs, connectMs, tlsMs, ...(step && { unfinished: step }) }
  }

  abandon(reason: Error): void {
    this.#holder?.connection?.cancel?.(reason)
  }
}
