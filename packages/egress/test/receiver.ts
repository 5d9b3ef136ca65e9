import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface Receiver extends AsyncDisposable {
  readonly port: number
  readonly server: Server
  readonly connections: number
  readonly requests: readonly IncomingMessage[]
}

export interface ReceiverOptions {
  readonly host?: string
  readonly port?: number
  readonly tls?: ServerOptions
  readonly respond?: (request: IncomingMessage, response: ServerResponse) => void
}

/** An HTTP server that counts. Answers 200 unless told otherwise. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = '127.0.0.1', port = 0, tls, respond = (_request, response) => response.end('ok') } = options
  const requests: IncomingMessage[] = []
  let connections = 0
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(request)
    request.resume()
    respond(request, response)
  }
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  server.on('connection', () => connections++)
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    get connections() {
      return connections
    },
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/**
 * A receiver at a second loopback address, where requests must never arrive. Undefined on systems that have only one
 * (macOS).
 */
export const startTrap = (port: number): Promise<Receiver | undefined> =>
  startReceiver({ host: '127.0.0.2', port }).catch(() => undefined)

/** A file of `certificates`: `receiver` is good for receiver.test and 127.0.0.1; both are signed by `authority`. */
export const certificate = (name: 'authority' | 'receiver' | 'receiver.key' | 'client' | 'client.key'): string =>
  readFileSync(join(import.meta.dirname, 'certificates', `${name}.pem`), 'utf8')
