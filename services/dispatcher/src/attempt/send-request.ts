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
  return new Promise((resolve) => {
    const startedAt = performance.now()
    let watch = watchConnection()
    let staleConnections = 0
    let controller: { abort(reason: Error): void } | undefined
    let response: NonNullable<HttpResult['response']> | undefined
    let firstByteMs: number | undefined
    let settled = false
    let readBytes = 0
    let interim = 0
    const kept: Buffer[] = []

    const settle = (error: HttpResult['error']): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      if (response) {
        response.body = kept.length === 0 ? '' : Buffer.concat(kept).toString('utf8')
        response.bodyTruncated = readBytes > keptBodyBytes
      }
      resolve({ response: response ?? null, error, ...connectionOf(watch, firstByteMs) })
    }

    const timer = setTimeout(() => {
      settle(
        deadlineError(
          Math.round(request.timeoutMs),
          controller ? { hasResponse: response !== undefined } : watch.used(),
        ),
      )
      const reason = new Error('deadline')
      if (controller) controller.abort(reason)
      else watch.abandon(reason)
    }, request.timeoutMs)

    const options = (): EgressDispatchOptions => ({
      origin: request.destination.origin,
      path: request.destination.path,
      method: 'POST',
      headers: request.headers,
      body: request.body,
      headersTimeout: 0,
      bodyTimeout: 0,
      connection: watch,
    })
    const handler: HttpClient.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        // The deadline passed while the request waited for a connection.
        if (settled) started.abort(new Error('deadline'))
      },
      onResponseStart(started, status, headers) {
        if (status < 200) {
          if (++interim <= maxInterim) return
          settle({ code: 'invalid_response', message: `More than ${maxInterim} interim responses (1xx).` })
          started.abort(new Error('too many interim responses'))
          return
        }
        firstByteMs = performance.now() - startedAt
        if (Array.isArray(started.rawHeaders) && started.rawHeaders.length > 2 * maxHeaders) {
          settle({ code: 'invalid_response', message: `The response has more than ${maxHeaders} headers.` })
          started.abort(new Error('too many headers'))
          return
        }
        response = { status, headers: joinValues(headers), body: '', bodyTruncated: false }
      },
      onResponseData(started, chunk) {
        // Copied: a slice would keep the 64 KiB alive that were read from the socket.
        if (readBytes < keptBodyBytes) kept.push(Buffer.from(chunk.subarray(0, keptBodyBytes - readBytes)))
        if (kept.length > maxPieces) kept.splice(0, kept.length, Buffer.concat(kept))
        readBytes += chunk.length
        if (readBytes <= readBodyBytes) return
        settle(null)
        started.abort(new Error('body is long enough'))
      },
      onResponseEnd() {
        settle(null)
      },
      onResponseError(_controller, error) {
        if (!settled && response === undefined && interim === 0 && wasStale(watch, error) && ++staleConnections < 5) {
          watch = watchConnection()
          controller = undefined
          client.dispatch(options(), handler)
          return
        }
        settle(requestError(error, watch.used()?.unfinished))
      },
    }
    client.dispatch(options(), handler)
  })
}

/**
 * A connection from before, which the receiver closed just when the request went out: no fault of the endpoint, and no
 * attempt of the delivery. As other clients do (Go's transport, browsers), the request goes out again at once. Should the
 * receiver have had it after all, the delivery id tells.
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
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}
