import { Client, type Dispatcher } from 'undici'
import type { OpenConnection } from './connect-directly.ts'
import type { ConnectionHolder, ConnectionWatch } from './connection.ts'

/** What a request may bring along. */
export interface EgressDispatchOptions extends Dispatcher.DispatchOptions {
  readonly connection?: ConnectionWatch
}

/**
 * undici's client for one connection, which knows that connection. Pools hand every request to one of these, so a
 * request's watch can follow its client: one assignment per request, where a diagnostics channel would be a publication
 * to all of its subscribers and a search for the request that is meant.
 */
export class EgressClient extends Client {
  readonly #holder: ConnectionHolder

  constructor(origin: URL, options: Client.Options, open: OpenConnection) {
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
        }
        holder.connection = connection
        open(target, connection, callback)
      },
    })
    this.#holder = holder
  }

  override dispatch(options: EgressDispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.connection?.follow(this.#holder)
    return super.dispatch(options, handler)
  }
}
