import type { Attempt } from '@jethook/contracts'
import type { EgressAgent, PendingRequest, RequestHandler, UsedConnection } from '@jethook/egress'
import { requestError, unfinishedStep } from './request-error.ts'

export interface Destination {
  readonly origin: string
  /** Path and query. */
  readonly path: string
}

export interface HttpRequest {
  readonly destination: Destination
  readonly headers: Record<string, string>
  readonly body: Uint8Array
  /** One deadline for everything: connecting, sending, and the response with its body. */
  readonly timeoutMs: number
}

export type Poster = Pick<EgressAgent, 'post'>

export type HttpResult = Pick<Attempt, 'response' | 'error' | 'connection' | 'tokenMs'>

/** What is kept of a response's body, and shown. */
const keptBodyBytes = 16_384
/** A longer body is not read to its end: the connection is closed and the status counts. */
const readBodyBytes = 65_536
/** Pieces of a body are put together when there are so many: one of a single byte takes as much memory as 100 bytes. */
const maxPieces = 16

/**
 * POSTs once and tells what came of it; never rejects. Redirects are not followed, nothing is decompressed, and neither
 * time nor memory is up to the receiver: headers are limited by the agent (16 KiB), the body by what is read of it, and
 * everything by the deadline, after which the connection is closed.
 */
export function sendRequest(agent: Poster, request: HttpRequest): Promise<HttpResult> {
  return new Promise((resolve) => new Exchange(request, resolve).send(agent))
}

/** One request and its response. Thousands are under way at once: it is one object, and not a closure for each of its ends. */
class Exchange implements RequestHandler {
  readonly #request: HttpRequest
  readonly #resolve: (result: HttpResult) => void
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout
  #pending: PendingRequest | undefined
  #response: NonNullable<HttpResult['response']> | undefined
  #firstByteMs: number | undefined
  #readBytes = 0
  #kept: Buffer[] = []

  constructor(request: HttpRequest, resolve: (result: HttpResult) => void) {
    this.#request = request
    this.#resolve = resolve
    this.#timer = setTimeout(Exchange.#expire, request.timeoutMs, this)
  }

  send(agent: Poster): void {
    const { destination, headers, body, timeoutMs } = this.#request
    this.#pending = agent.post({ origin: destination.origin, path: destination.path, headers, body, timeoutMs }, this)
  }

  static #expire(this: void, exchange: Exchange): void {
    const timeoutMs = Math.round(exchange.#request.timeoutMs)
    exchange.#settle(deadlineError(timeoutMs, exchange.#response !== undefined, exchange.#pending?.used()))
    exchange.#pending?.abort(new Error('deadline'))
  }

  onHead(status: number, headers: Record<string, string>): void {
    this.#firstByteMs = performance.now() - this.#startedAt
    this.#response = { status, headers, body: '', bodyTruncated: false }
  }

  onBody(bytes: Buffer): void {
    const kept = this.#kept
    if (this.#readBytes < keptBodyBytes) kept.push(Buffer.from(bytes.subarray(0, keptBodyBytes - this.#readBytes)))
    if (kept.length > maxPieces) kept.splice(0, kept.length, Buffer.concat(kept))
    this.#readBytes += bytes.length
    if (this.#readBytes <= readBodyBytes) return
    this.#settle(null)
    this.#pending?.abort(new Error('body is long enough'))
  }

  onEnd(): void {
    this.#settle(null)
  }

  onError(error: Error & { code?: string }): void {
    this.#settle(requestError(error, this.#pending?.used()?.unfinished))
  }

  #settle(error: HttpResult['error']): void {
    clearTimeout(this.#timer)
    const response = this.#response
    if (response) {
      response.body = textOf(this.#kept)
      response.bodyTruncated = this.#readBytes > keptBodyBytes
    }
    this.#resolve({ response: response ?? null, error, ...connectionOf(this.#pending?.used(), this.#firstByteMs) })
  }
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces
  return first ? (pieces.length === 1 ? first : Buffer.concat(pieces)).toString('utf8') : ''
}

function deadlineError(
  timeoutMs: number,
  hasResponse: boolean,
  used: UsedConnection | null | undefined,
): NonNullable<HttpResult['error']> {
  if (!used || used.unfinished)
    return {
      code: 'connect_timeout',
      message: `No connection within ${timeoutMs} ms${unfinishedStep(used?.unfinished)}.`,
    }
  const detail = hasResponse ? '; the body did not end' : ''
  return { code: 'timeout', message: `No complete response within ${timeoutMs} ms${detail}.` }
}

/** Times that are not there are left out: most requests find an open connection, and their records stay short. */
function connectionOf(
  used: UsedConnection | null | undefined,
  firstByteMs: number | undefined,
): Pick<HttpResult, 'connection'> {
  if (!used) return {}
  const { address, reused, dnsMs, connectMs, tlsMs } = used
  return {
    connection: {
      address,
      reused,
      ...(dnsMs !== null && { dnsMs }),
      ...(connectMs !== null && { connectMs }),
      ...(tlsMs !== null && { tlsMs }),
      ...(firstByteMs !== undefined && { firstByteMs: Math.round(firstByteMs * 1_000) / 1_000 }),
    },
  }
}
