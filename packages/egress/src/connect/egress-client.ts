import type { Socket } from 'node:net'
import { Client, errors, type Dispatcher } from 'undici'
import type { OpenConnection } from './connect-directly.ts'
import { Connection, type ConnectionHolder, type ConnectionWatch } from './connection.ts'
import type { OpenConnections } from './open-connections.ts'

/** What a request may bring along. */
export interface EgressDispatchOptions extends Dispatcher.DispatchOptions {
  readonly connection?: ConnectionWatch
  /** Not over one that was kept. */
  readonly newConnection?: boolean
}

let requests = 0

/** On the wire, everything counted. */
const maxResponseBytes = 1_048_576
/**
 * undici limits the bytes of headers, not their number, and each costs some 200 bytes for as long as the response lasts:
 * in 16 KiB there is room for 16,000. Here those are counted whose end has not come; the others by whoever takes the response.
 */
export const maxHeaders = 256
/** For one request. The second one is for a connection that was idle, and is closed just now. */
const maxConnections = 2
/** Each of 64 KiB at most. */
const uncountedReads = 8

/**
 * undici's client for one connection, which knows that connection. Pools hand every request to one of these, so a
 * request's watch can follow its client: one assignment per request, where a diagnostics channel would be a publication
 * to all of its subscribers and a search for the request that is meant.
 */
export class EgressClient extends Client {
  readonly #holder: ConnectionHolder
  /** How often something was read of the connection since the latest request began. */
  #reads = 0
  /** How often a connection was made for the latest request. */
  #connections = 0
  /** Counts up with every request of any client: the higher, the later this one was used. */
  lastUsed = 0

  constructor(origin: URL, options: Client.Options, open: OpenConnection, connections: OpenConnections) {
    const holder: ConnectionHolder = { connection: undefined }
    super(origin, {
      ...options,
      connect: (target, callback) => {
        const connection = new Connection()
        holder.connection = connection
        // undici connects again for a request that was not written yet when its connection was lost, without an end.
        if (++this.#connections > maxConnections) return queueMicrotask(() => callback(connectionLost(), null))
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
    this.#reads = 0
    this.#connections = 0
    return super.dispatch(options, handler)
  }

  /**
   * undici limits headers, and whoever takes the body can stop. What is neither (chunk extensions, empty lines, reason
   * phrases) it reads for as long as it comes, and at full speed.
   */
  #limitResponses(socket: Socket): void {
    const parser = parserOf(socket)
    let readBefore = 0
    // After undici, which has listened for longer and has parsed what there was to read.
    socket.on('readable', () => {
      if (parser && parser.headers.length > 2 * maxHeaders) socket.destroy(new errors.HeadersOverflowError())
      // Nearly all responses are read at once: bytes are not counted before there is reason to.
      if (++this.#reads < uncountedReads) return
      if (this.#reads === uncountedReads) readBefore = socket.bytesRead
      if (socket.bytesRead - readBefore > maxResponseBytes)
        socket.destroy(new errors.ResponseExceededMaxSizeError('The response does not end.'))
    })
  }
}

const connectionLost = (): Error =>
  Object.assign(new Error('The connection was lost before the request was sent.'), { code: 'ECONNABORTED' })

/**
 * undici's own, which keeps the headers or trailers whose end has not come yet: name, value, name, … It is not part of
 * undici's interface; tests of the dispatcher fail should another version have none.
 */
function parserOf(socket: Socket): { readonly headers: readonly unknown[] } | undefined {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  return key && (socket as unknown as Record<symbol, { readonly headers: readonly unknown[] } | undefined>)[key]
}
