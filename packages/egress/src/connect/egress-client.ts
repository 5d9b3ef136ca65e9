import type { Socket } from 'node:net'
import { Client, errors, type Dispatcher } from 'undici'
import type { OpenConnection } from './connect-directly.ts'
import type { ConnectionHolder, ConnectionWatch } from './connection.ts'
import type { OpenConnections } from './open-connections.ts'

/** What a request may bring along. */
export interface EgressDispatchOptions extends Dispatcher.DispatchOptions {
  readonly connection?: ConnectionWatch
}

let requests = 0

/** On the wire, everything counted. */
const maxResponseBytes = 1_048_576

/**
 * undici's client for one connection, which knows that connection. Pools hand every request to one of these, so a
 * request's watch can follow its client: one assignment per request, where a diagnostics channel would be a publication
 * to all of its subscribers and a search for the request that is meant.
 */
export class EgressClient extends Client {
  readonly #holder: ConnectionHolder
  #socket: Socket | undefined
  /** What had been read of the connection when the latest request began. */
  #readBefore = 0
  /** Counts up with every request of any client: the higher, the later this one was used. */
  lastUsed = 0

  constructor(origin: URL, options: Client.Options, open: OpenConnection, connections: OpenConnections) {
    const holder: ConnectionHolder = { connection: undefined }
    super(origin, {
      ...options,
      connect: (target, callback) => {
        const connection = {
          startedAt: performance.now(),
          address: null,
          dnsMs: null,
          connectMs: null,
          tlsMs: null,
          cancel: undefined,
        }
        holder.connection = connection
        open(target, connection, (...result) => {
          const [, socket] = result
          if (socket) connections.add(this, socket)
          callback(...result)
          if (socket) this.#limitResponses(socket)
        })
      },
    })
    this.#holder = holder
  }

  override dispatch(options: EgressDispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.connection?.follow(this.#holder)
    this.lastUsed = ++requests
    if (this.#socket) this.#readBefore = this.#socket.bytesRead
    return super.dispatch(options, handler)
  }

  /**
   * undici limits headers, and whoever takes the body can stop. What is neither (chunk extensions, empty lines, reason
   * phrases) it reads for as long as it comes, and at full speed.
   */
  #limitResponses(socket: Socket): void {
    this.#socket = socket
    this.#readBefore = socket.bytesRead
    socket.on('readable', () => {
      if (socket.bytesRead - this.#readBefore > maxResponseBytes)
        socket.destroy(new errors.ResponseExceededMaxSizeError('The response does not end.'))
    })
  }
}
