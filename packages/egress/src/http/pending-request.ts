import { unspent, type ConnectionStep, type ConnectionTimes } from '../connect/progress.ts'
import type { ResponseHandler } from '../response/response-parser.ts'
import type { HttpConnection } from './http-connection.ts'
import type { EgressRequest } from './render-request.ts'

/** What becomes of a request. Nothing is called before `post` has returned, nor after `onEnd`, `onError` or `abort`. */
export interface RequestHandler extends ResponseHandler {
  /** The response is complete. */
  onEnd(): void
  /** There is no response, or no complete one. */
  onError(error: Error & { code?: string }): void
}

/** What carried one request. */
export interface UsedConnection extends ConnectionTimes {
  readonly address: string | null
  /** It was there already, and cost this request nothing. */
  readonly reused: boolean
  /** The step that was not done when the request ended. */
  readonly unfinished?: ConnectionStep | undefined
}

/** A request and what carries it. */
export class PendingRequest {
  readonly request: EgressRequest
  readonly handler: RequestHandler
  connection: HttpConnection | undefined
  /** When it was given to a connection that was there already, by the clock of `performance.now()`. */
  reusedAt: number | undefined
  isAborted = false

  constructor(request: EgressRequest, handler: RequestHandler) {
    this.request = request
    this.handler = handler
  }

  /** To be read when the request ends, not later. Null when there was nothing to carry it: the agent is closed. */
  used(): UsedConnection | null {
    if (!this.connection) return null
    const { address, step, times } = this.connection.progress
    const reused = this.reusedAt !== undefined
    const { dnsMs, connectMs, tlsMs } = reused ? unspent : times
    return { address, reused, dnsMs, connectMs, tlsMs, ...(step && { unfinished: step }) }
  }

  /** Gives up waiting. Its connection, or the one that is being made for it, is closed. */
  abort(reason: Error): void {
    this.isAborted = true
    this.connection?.abandon(this, reason)
  }
}
