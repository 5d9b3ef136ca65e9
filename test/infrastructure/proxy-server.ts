import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ProxyServer extends AsyncDisposable {
  readonly url: URL
  /** `host:port` of each CONNECT. */
  readonly asked: readonly string[]
  /** What each of them said of who asks. */
  readonly authorizations: readonly (string | undefined)[]
}

export type ProxyBehaviour =
  | { readonly connectTo: number }
  | { readonly status: number }
  | { readonly act: (socket: Duplex) => void }
  | 'silent'

/** An HTTP proxy that takes every CONNECT to one local port, answers with a status, does something else, or nothing. */
export async function startProxy(behaviour: ProxyBehaviour): Promise<ProxyServer> {
  const asked: string[] = []
  const authorizations: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_request, response) => response.writeHead(500).end('only CONNECT'))
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    authorizations.push(request.headers['proxy-authorization'])
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
    if (behaviour === 'silent') return
    if ('act' in behaviour) return behaviour.act(socket)
    if ('status' in behaviour) {
      socket.end(`HTTP/1.1 ${behaviour.status} No\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    const target = connect(behaviour.connectTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      socket.pipe(target).pipe(socket)
    })
    target.on('error', () => socket.destroy())
    socket.on('close', () => target.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    asked,
    authorizations,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
