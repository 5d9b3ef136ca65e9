import type { Socket } from 'node:net'
import type { Connect, Target } from '../connect/connect.ts'
import { ConnectionProgress } from '../connect/progress.ts'
import { ConnectionClosedError, InvalidResponseError, isLoss } from '../response/errors.ts'
import { ResponseParser } from '../response/response-parser.ts'
import type { PendingRequest } from './pending-request.ts'
import { renderHead } from './render-request.ts'

/** Who has the connections to one origin. */
export interface ConnectionPool {
  readonly host: string
  /** It can take another request. */
  rest(connection: HttpConnection): void
  /** It is closed, or could not be made. */
  gone(connection: HttpConnection): void
  /** `request` was under way when the connection was lost; `answered`: something of its response had come. */
  failed(request: PendingRequest, error: Error, answered: boolean): void
}

/** A receiver's clock is not ours, and a request takes time to get there: so much less than it says is its connection kept. */
const hintMarginMs = 1_000
/** A larger body is handed to the system where it is instead of being copied behind the head. */
const copiedBytes = 16_384

/**
 * So often may TLS 1.2 be begun anew during one request: some receivers do that to ask for a client certificate. One that does
 * it all the time takes half of the process.
 */
const maxNewHandshakes = 16

/** One keep-alive connection of HTTP/1.1, made for a request, with one request at a time. */
export class HttpConnection {
  readonly progress: ConnectionProgress
  /** When it had nothing to do any more, by the clock of `performance.now()`. Undefined while it has. */
  idleSince: number | undefined
  /** How long it may be idle, in milliseconds. */
  keptMs: number
  readonly #pool: ConnectionPool
  readonly #parser = new ResponseParser()
  #pending: PendingRequest | undefined
  #socket: Socket | undefined
  #newHandshakes = 0
  #isGone = false

  constructor(target: Target, open: Connect, pool: ConnectionPool, keepAliveMs: number, first: PendingRequest) {
    this.#pool = pool
    this.keptMs = keepAliveMs
    this.#pending = first
    this.progress = new ConnectionProgress(first.request.timeoutMs)
    open(
      target,
      this.progress,
      (bytes) => this.#read(bytes),
      (error, socket) => this.#opened(error, socket),
    )
  }

  /** Sends another request. Only while it is idle. */
  send(pending: PendingRequest): void {
    this.idleSince = undefined
    this.#newHandshakes = 0
    this.#pending = pending
    this.#write(pending)
  }

  /** The request is not waited for any more: hears nothing more of it, and closes. */
  abandon(pending: PendingRequest, reason: Error): void {
    if (this.#pending !== pending) return
    this.#pending = undefined
    this.#parser.stop()
    if (this.#socket) this.close()
    else this.progress.cancel?.(reason)
  }

  close(): void {
    this.#lost(undefined)
  }

  #opened(error: Error | null, socket: Socket | null): void {
    if (!socket) return this.#lost(error ?? undefined)
    this.#socket = socket
    socket.on('error', (failure) => this.#lost(failure))
    socket.on('end', () => this.#lost(undefined))
    socket.on('close', () => this.#lost(undefined))
    // The first handshake is over.
    socket.on('secureConnect', () => this.#begunAnew())
    if (this.#pending) this.#write(this.#pending)
    else this.close()
  }

  #begunAnew(): void {
    if (++this.#newHandshakes > maxNewHandshakes)
      this.#lost(new InvalidResponseError('The receiver begins TLS anew again and again.'))
  }

  #write(pending: PendingRequest): void {
    const socket = this.#socket!
    this.#parser.begin(pending.handler)
    const { body } = pending.request
    let head: string
    try {
      head = renderHead(pending.request, this.#pool.host)
    } catch (error) {
      return queueMicrotask(() => this.#lost(error as Error))
    }
    if (body.length > copiedBytes) {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
      return
    }
    const bytes = Buffer.allocUnsafe(head.length + body.length)
    bytes.write(head, 'latin1')
    bytes.set(body, head.length)
    socket.write(bytes)
  }

  #read(bytes: Buffer): void {
    // Nobody asked: what a later request would read was never an answer to it.
    if (!this.#pending) return this.close()
    let end: number
    try {
      end = this.#parser.read(bytes)
    } catch (error) {
      return this.#lost(error as Error)
    }
    if (end >= 0 && this.#pending) this.#complete(end === bytes.length)
  }

  #complete(isAll: boolean): void {
    const pending = this.#pending!
    const { keepsAlive, keepAliveHintMs } = this.#parser
    this.#pending = undefined
    this.#parser.stop()
    if (keepAliveHintMs !== undefined) this.keptMs = Math.min(this.keptMs, keepAliveHintMs - hintMarginMs)
    // A receiver that answers before it has the whole request may still be reading it.
    if (isAll && keepsAlive && this.keptMs > 0 && this.#socket?.writableLength === 0) this.#pool.rest(this)
    else this.close()
    pending.handler.onEnd()
  }

  #lost(error: Error | undefined): void {
    if (this.#isGone) return
    this.#isGone = true
    const pending = this.#pending
    this.#pending = undefined
    const loss = error ?? new ConnectionClosedError()
    const answered = this.#parser.hasBegun
    // Some reset the connection behind their response, as they have not read the whole request.
    const isComplete = this.#parser.endsWithConnection && isLoss(loss)
    this.#parser.stop()
    this.#socket?.destroy()
    if (pending && isComplete) pending.handler.onEnd()
    else if (pending) this.#pool.failed(pending, loss, answered)
    this.#pool.gone(this)
  }
}
