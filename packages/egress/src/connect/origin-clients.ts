import type { Dispatcher } from 'undici'
import type { EgressClient, EgressDispatchOptions } from './egress-client.ts'

/** The keep-alive connections to one origin: a client for each, with one request at a time. */
export class OriginClients {
  readonly #create: () => EgressClient
  readonly #abandoned: () => void
  readonly #clients = new Set<EgressClient>()
  /** Connected, without a request. The one used last is used next, so that those that are not needed time out. */
  readonly #idle: EgressClient[] = []

  /** `abandoned` is called when there is neither a connection nor a request left. */
  constructor(create: () => EgressClient, abandoned: () => void) {
    this.#create = create
    this.#abandoned = abandoned
  }

  dispatch(options: EgressDispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const client = (options.newConnection ? undefined : this.#idle.pop()) ?? this.#add()
    // It says `drain` when it has ended; not so a request that could not be made.
    if (client.dispatch(options, handler) || client.stats.size === 0) this.#rest(client)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#clients, (client) => client.close()))
  }

  #add(): EgressClient {
    const client = this.#create()
    this.#clients.add(client)
    client.on('drain', () => this.#rest(client))
    client.on('disconnect', () => {
      const at = this.#idle.indexOf(client)
      if (at < 0) return
      this.#idle.splice(at, 1)
      this.#remove(client)
    })
    return client
  }

  #rest(client: EgressClient): void {
    if (client.stats.connected) this.#idle.push(client)
    else this.#remove(client)
  }

  #remove(client: EgressClient): void {
    this.#clients.delete(client)
    if (!client.closed && !client.destroyed) void client.close()
    if (this.#clients.size === 0) this.#abandoned()
  }
}
