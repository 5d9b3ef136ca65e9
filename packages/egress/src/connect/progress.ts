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
export const unspent: ConnectionTimes = { dnsMs: null, connectMs: null, tlsMs: null }

/** How making one connection goes, and where the time went. */
export class ConnectionProgress {
  /** How long it is waited for, at most. Undefined while unknown. */
  readonly timeoutMs: number | undefined
  /** The address that is, or was last, connected to. Null while unknown, and always through a proxy. */
  address: string | null = null
  /** Gives up making it. Undefined when that is over. */
  cancel: ((reason: Error) => void) | undefined
  #step: ConnectionStep | undefined
  #since = 0
  #times: ConnectionTimes = unspent

  constructor(timeoutMs?: number) {
    this.timeoutMs = timeoutMs
  }

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
