import { Client, type Dispatcher } from 'undici'
import type { OpenConnection } from './connect-directly.ts'
import type { ConnectionHolder, ConnectionWatch } from './connection.ts'
import type { OpenConnections } from './open-connections.ts'

/** What a request may bring along. */
export interface EgressDispatchOptions extends Dispatcher.DispatchOptions {
  readonly connection?: ConnectionWatch
}

let requests = 0

/**
 * undici's client for one connection, which knows that connection. Pools hand every request to one of these, so a
 * request's watch can follow its client: one assignment per request, where a diagnostics channel would be a publication
 * to all of its subscribers and a search for the request that is meant.
 */
export class EgressClient extends Client {
  readonly #holder: ConnectionHolder
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
        })
      },
    })
    this.#holder = holder
  }

  override dispatch(options: EgressDispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.connection?.follow(this.#holder)
    this.lastUsed = ++requests
    return super.dispatch(options, handler)
  }
}
