import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Does with a connection, and with the beginning of a request on it, what it likes. */
export interface Behaviour {
  /** Its sockets stay open when the client has closed its half, and it may close its own alone. */
  readonly allowHalfOpen?: boolean
  readonly onConnection?: (socket: Socket) => void
  readonly onRequest?: (socket: Socket) => void
}

export interface RawReceiver {
  readonly url: string
  /** Of the connections there were so far: how many are closed. */
  readonly closed: number
  readonly connections: number
  /** What was sent, over all connections. */
  readonly sentBytes: number
  /** Those that take nothing take everything from now on: else they would not notice that they are closed. */
  resume(): void
  close(): Promise<void>
}

/** A receiver that is bound to no protocol. */
export async function startRawReceiver({
  allowHalfOpen = false,
  onConnection,
  onRequest,
}: Behaviour): Promise<RawReceiver> {
  const sockets = new Set<Socket>()
  let closed = 0
  let connections = 0
  let sentBytes = 0
  const server = createServer({ allowHalfOpen }, (socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      closed++
      sentBytes += socket.bytesWritten
    })
    onConnection?.(socket)
    if (onRequest) socket.on('data', () => onRequest(socket))
    else if (!onConnection) socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get closed() {
      return closed
    },
    get connections() {
      return connections
    },
    get sentBytes() {
      return sentBytes
    },
    resume() {
      for (const socket of sockets) socket.resume()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface DeafReceiver extends AsyncDisposable {
  readonly port: number
}

/** Listens and never accepts; its queue is full, so that connecting takes for ever, as at an address that drops packets. */
export async function startDeafReceiver(): Promise<DeafReceiver> {
  const source = `
    const { createServer } = require('node:net')
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:worker_threads').parentPort.postMessage(server.address().port)
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    })`
  const worker = new Worker(source, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const queue = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  await Promise.all(queue.slice(0, 2).map((socket) => once(socket, 'connect')))
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of queue) socket.destroy()
      await worker.terminate()
    },
  }
}

/** Says this, all at once. */
export const say =
  (text: string | Buffer) =>
  (socket: Socket): void =>
    void socket.write(text)

/** Says this and closes. */
export const sayAndClose =
  (text: string) =>
  (socket: Socket): void =>
    void socket.end(text)

/** Takes a kilobyte now and then. */
export function takeSlowly(socket: Socket): void {
  socket.pause()
  const timer = setInterval(() => socket.read(1_024), 20)
  socket.once('close', () => clearInterval(timer))
}

/** Says the beginning, and then the next piece every few milliseconds for as long as the connection lives. */
export const trickle = (beginning: string, piece: string) =>
  firstTime((socket) => {
    socket.write(beginning)
    const timer = setInterval(() => socket.write(piece), 20)
    socket.once('close', () => clearInterval(timer))
  })

/** Says the beginning, and then the next piece again and again as fast as it is taken. */
export const flood = (beginning: string, piece: string | Buffer) =>
  firstTime((socket) => {
    socket.write(beginning)
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    }
    socket.on('drain', more)
    more()
  })

/** For the first piece of the request only. */
function firstTime(act: (socket: Socket) => void): (socket: Socket) => void {
  const seen = new WeakSet<Socket>()
  return (socket) => {
    if (seen.has(socket)) return
    seen.add(socket)
    act(socket)
  }
}
