import type { Connect, Target } from '../connect/connect.ts'
import { portOf, withoutBrackets } from '../destination/check-url.ts'
import { AgentClosedError, isLoss } from '../response/errors.ts'
import { HttpConnection, type ConnectionPool } from './http-connection.ts'
import { hasExpired, type OpenConnections } from './open-connections.ts'
import { PendingRequest, type RequestHandler } from './pending-request.ts'
import type { EgressRequest } from './render-request.ts'

export interface EgressAgentOptions {
  readonly open: Connect
  readonly connections: OpenConnections
  readonly keepAliveMs: number
}

/**
 * POSTs over keep-alive connections to any number of origins, as many to each as it has requests at a time: none waits for a
 * connection, as whoever makes the requests limits them. No redirects, no HTTP/2, nothing is decompressed.
 */
export class EgressAgent {
  readonly #options: EgressAgentOptions
  readonly #origins = new Map<string, Origin>()
  #closing: PromiseWithResolvers<void> | undefined

  constructor(options: EgressAgentOptions) {
    this.#options = options
  }

  post(request: EgressRequest, handler: RequestHandler): PendingRequest {
    const pending = new PendingRequest(request, handler)
    if (this.#closing) queueMicrotask(() => pending.isAborted || handler.onError(new AgentClosedError()))
    else this.#originOf(request.origin).send(pending)
    return pending
  }

  /** How many connections are open or being made. */
  get connections(): number {
    let count = 0
    for (const origin of this.#origins.values()) count += origin.size
    return count
  }

  /** Resolves when all requests have ended and all connections are closed. */
  async close(): Promise<void> {
    this.#closing ??= Promise.withResolvers()
    for (const origin of this.#origins.values()) origin.closeIdle()
    if (this.#origins.size === 0) this.#closing.resolve()
    await this.#closing.promise
  }

  #originOf(name: string): Origin {
    const known = this.#origins.get(name)
    if (known) return known
    const origin = new Origin(new URL(name), this.#options, () => {
      this.#origins.delete(name)
      if (this.#origins.size === 0) this.#closing?.resolve()
    })
    this.#origins.set(name, origin)
    return origin
  }
}

/** The connections to one origin. */
class Origin implements ConnectionPool {
  readonly host: string
  readonly #target: Target
  readonly #options: EgressAgentOptions
  readonly #abandoned: () => void
  /** The one used last is used next, so that those that are not needed expire. */
  readonly #idle: HttpConnection[] = []
  #isClosing = false
  size = 0

  /** `abandoned` is called when there is neither a connection nor a request left. */
  constructor(url: URL, options: EgressAgentOptions, abandoned: () => void) {
    this.host = url.host
    this.#target = targetOf(url)
    this.#options = options
    this.#abandoned = abandoned
  }

  send(request: PendingRequest): void {
    const now = performance.now()
    const expired: HttpConnection[] = []
    let connection = this.#idle.pop()
    for (; connection && hasExpired(connection, now); connection = this.#idle.pop()) expired.push(connection)
    if (connection) {
      request.connection = connection
      request.reusedAt = now
      connection.send(request)
    } else this.#connect(request)
    // Not before: without any connection this origin is none any more.
    for (const each of expired) each.close()
  }

  closeIdle(): void {
    this.#isClosing = true
    for (const connection of this.#idle.splice(0)) connection.close()
  }

  rest(connection: HttpConnection): void {
    if (this.#isClosing) return connection.close()
    connection.idleSince = performance.now()
    this.#idle.push(connection)
  }

  gone(connection: HttpConnection): void {
    const at = connection.idleSince === undefined ? -1 : this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#options.connections.delete(connection)
    if (--this.size === 0) this.#abandoned()
  }

  failed(request: PendingRequest, error: Error, answered: boolean): void {
    const { reusedAt } = request
    // A connection from before, which the receiver closed just when the request went out: no fault of the receiver. It goes out
    // again at once, one time, over a new connection: RFC 9112, section 9.3.1, and RFC 9110, section 9.2.2, allow that where a
    // client knows that it may come twice. Should the receiver have had it after all, the delivery id tells.
    const wasStale = reusedAt !== undefined && performance.now() - reusedAt < staleWithinMs
    if (wasStale && !answered && isLoss(error)) this.#connect(request)
    else request.handler.onError(error)
  }

  #connect(request: PendingRequest): void {
    const { open, connections, keepAliveMs } = this.#options
    const connection = new HttpConnection(this.#target, open, this, keepAliveMs, request)
    request.connection = connection
    request.reusedAt = undefined
    this.size++
    connections.add(connection)
  }
}

const targetOf = (url: URL): Target => ({
  protocol: url.protocol,
  hostname: withoutBrackets(url.hostname),
  port: portOf(url),
})

/** That a connection was closed before a request came to it shows by then, and not later. */
const staleWithinMs = 1_000
