import type { Attempt } from '@jethook/contracts'
import {
  maxHeaders,
  watchConnection,
  type ConnectionWatch,
  type EgressDispatchOptions,
  type UsedConnection,
} from '@jethook/egress'
import type { Dispatcher as HttpClient } from 'undici'
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

export type HttpResult = Pick<Attempt, 'response' | 'error' | 'connection' | 'tokenMs'>

/** What is kept of a response's body, and shown. */
const keptBodyBytes = 16_384
/** A longer body is not read to its end: the connection is closed and the status counts. */
const readBodyBytes = 65_536
/** Pieces of a body are put together when there are so many: one of a single byte takes as much memory as 100 bytes. */
const maxPieces = 16
/** How many interim responses (1xx) may come before the final one: each costs something, and nobody needs them here. */
const maxInterim = 8

/**
 * POSTs once and tells what came of it; never rejects. Redirects are not followed, nothing is decompressed, and neither
 * time nor memory is up to the receiver: headers are limited by the client (16 KiB), the body by what is read of it, and
 * everything by the deadline, after which the connection is closed.
 *
 * Uses undici's dispatch with a handler: no streams and no abort signal per request, about half the cost of `request`
 * with both.
 */
export function sendRequest(client: HttpClient, request: HttpRequest): Promise<HttpResult> {
  return new Promise((resolve) => new Exchange(client, request, resolve).send())
}

/** One request and its response. Thousands are under way at once: it is one object, and not a closure for each of its ends. */
class Exchange implements HttpClient.DispatchHandler {
  readonly #client: HttpClient
  readonly #request: HttpRequest
  readonly #resolve: (result: HttpResult) => void
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout
  #watch = watchConnection()
  #goesAgain = false
  #controller: HttpClient.DispatchController | undefined
  #response: NonNullable<HttpResult['response']> | undefined
  #firstByteMs: number | undefined
  #settled = false
  #interim = 0
  #readBytes = 0
  #kept: Buffer[] = []

  constructor(client: HttpClient, request: HttpRequest, resolve: (result: HttpResult) => void) {
    this.#client = client
    this.#request = request
    this.#resolve = resolve
    this.#timer = setTimeout(Exchange.#expire, request.timeoutMs, this)
  }

  send(): void {
    const { destination, headers, body } = this.#request
    const options: EgressDispatchOptions = {
      origin: destination.origin,
      path: destination.path,
      method: 'POST',
      headers,
      body,
      headersTimeout: 0,
      bodyTimeout: 0,
      connection: this.#watch,
      newConnection: this.#goesAgain,
    }
    this.#client.dispatch(options, this)
  }

  static #expire(this: void, exchange: Exchange): void {
    const controller = exchange.#controller
    const state = controller ? { hasResponse: exchange.#response !== undefined } : exchange.#watch.used()
    exchange.#settle(deadlineError(Math.round(exchange.#request.timeoutMs), state))
    const reason = new Error('deadline')
    if (controller) controller.abort(reason)
    else exchange.#watch.abandon(reason)
  }

  onRequestStart(controller: HttpClient.DispatchController): void {
    this.#controller = controller
    // The deadline passed while the request waited for a connection.
    if (this.#settled) controller.abort(new Error('deadline'))
  }

  onResponseStart(
    controller: HttpClient.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) {
      if (++this.#interim <= maxInterim) return
      this.#settle({ code: 'invalid_response', message: `More than ${maxInterim} interim responses (1xx).` })
      controller.abort(new Error('too many interim responses'))
      return
    }
    this.#firstByteMs = performance.now() - this.#startedAt
    if (Array.isArray(controller.rawHeaders) && controller.rawHeaders.length > 2 * maxHeaders) {
      this.#settle({ code: 'invalid_response', message: `The response has more than ${maxHeaders} headers.` })
      controller.abort(new Error('too many headers'))
      return
    }
    this.#response = { status, headers: joinValues(headers), body: '', bodyTruncated: false }
  }

  onResponseData(controller: HttpClient.DispatchController, chunk: Buffer): void {
    const kept = this.#kept
    // Copied: a slice would keep the 64 KiB alive that were read from the socket.
    if (this.#readBytes < keptBodyBytes) kept.push(Buffer.from(chunk.subarray(0, keptBodyBytes - this.#readBytes)))
    if (kept.length > maxPieces) kept.splice(0, kept.length, Buffer.concat(kept))
    this.#readBytes += chunk.length
    if (this.#readBytes <= readBodyBytes) return
    this.#settle(null)
    controller.abort(new Error('body is long enough'))
  }

  onResponseEnd(): void {
    this.#settle(null)
  }

  onResponseError(_controller: HttpClient.DispatchController, error: Error & { code?: string }): void {
    if (this.#mayGoAgain(error)) {
      this.#goesAgain = true
      this.#watch = watchConnection()
      this.#controller = undefined
      this.send()
      return
    }
    this.#settle(requestError(error, this.#watch.used()?.unfinished))
  }

  #mayGoAgain(error: Error & { code?: string }): boolean {
    if (this.#settled || this.#goesAgain || this.#response !== undefined || this.#interim > 0) return false
    return wasStale(this.#watch, error)
  }

  #settle(error: HttpResult['error']): void {
    if (this.#settled) return
    this.#settled = true
    clearTimeout(this.#timer)
    const response = this.#response
    if (response) {
      response.body = textOf(this.#kept)
      response.bodyTruncated = this.#readBytes > keptBodyBytes
    }
    this.#resolve({ response: response ?? null, error, ...connectionOf(this.#watch, this.#firstByteMs) })
  }
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces
  return first ? (pieces.length === 1 ? first : Buffer.concat(pieces)).toString('utf8') : ''
}

/**
 * A connection from before, which the receiver closed just when the request went out: no fault of the endpoint, and no
 * attempt of the delivery. The request goes out again at once, one time, over a new connection: RFC 9112, section 9.3.1, and
 * RFC 9110, section 9.2.2, allow that where a client knows that it may come twice. Should the receiver have had it after
 * all, the delivery id tells.
 */
function wasStale(watch: ConnectionWatch, error: Error & { code?: string }): boolean {
  return watch.used()?.reused === true && closedByReceiver.has(error.code ?? '')
}

const closedByReceiver = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

function deadlineError(
  timeoutMs: number,
  state: { readonly hasResponse: boolean } | UsedConnection | null,
): NonNullable<HttpResult['error']> {
  if (!state || 'reused' in state)
    return {
      code: 'connect_timeout',
      message: `No connection within ${timeoutMs} ms${unfinishedStep(state?.unfinished)}.`,
    }
  const detail = state.hasResponse ? '; the body did not end' : ''
  return { code: 'timeout', message: `No complete response within ${timeoutMs} ms${detail}.` }
}

/** Times that are not there are left out: most requests find an open connection, and their records stay short. */
function connectionOf(watch: ConnectionWatch, firstByteMs: number | undefined): Pick<HttpResult, 'connection'> {
  const used = watch.used()
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

function joinValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}
