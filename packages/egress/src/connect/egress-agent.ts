import { Dispatcher, errors } from 'undici'
import type { EgressClient, EgressDispatchOptions } from './egress-client.ts'
import { OriginClients } from './origin-clients.ts'

/**
 * Keep-alive connections to any number of origins, as many to each as it has requests at a time. undici's own agent and
 * pools do this too, but each pool has a queue of 16 KB for requests that must wait for a connection. Here none waits,
 * as whoever makes the requests limits them, and 10,000 receivers would take 160 MB for nothing.
 */
export class EgressAgent extends Dispatcher {
  readonly #createClient: (origin: URL) => EgressClient
  readonly #origins = new Map<string, OriginClients>()
  #isClosed = false

  constructor(createClient: (origin: URL) => EgressClient) {
    super()
    this.#createClient = createClient
  }

  override dispatch(options: EgressDispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#isClosed) return refuseClosed(handler)
    const origin = String(options.origin)
    const clients = this.#origins.get(origin) ?? this.#open(origin)
    clients.dispatch(options, handler)
    return true
  }

  /** Resolves when all requests have ended and all connections are closed. */
  override async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(Array.from(this.#origins.values(), (clients) => clients.close()))
  }

  #open(origin: string): OriginClients {
    const url = new URL(origin)
    const create = (): EgressClient =>
      this.#createClient(url).on('disconnect', (...about) => this.emit('disconnect', ...about))
    const clients = new OriginClients(create, () => this.#origins.delete(origin))
    this.#origins.set(origin, clients)
    return clients
  }
}

/** Told like any other failure of a request, as undici does: there may be nobody to catch what is thrown. */
function refuseClosed(handler: Dispatcher.DispatchHandler): false {
  handler.onResponseError?.(null as unknown as Dispatcher.DispatchController, new errors.ClientClosedError())
  return false
}
