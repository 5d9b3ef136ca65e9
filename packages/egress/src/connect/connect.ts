import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { EgressRefusedError, type Refusal } from '../destination/refusal.ts'
import type { ConnectionProgress } from './progress.ts'

/** Where to connect to. */
export interface Target {
  readonly protocol: string
  /** As `URL` has it, an IPv6 address without brackets. */
  readonly hostname: string
  readonly port: number
}

/** What comes over a connection. The bytes are overwritten afterwards: to be copied by whoever keeps them. */
export type Receive = (bytes: Buffer) => void

export type Opened = (error: Error | null, socket: Socket | null) => void

/** Opens one connection, writes down how it goes, and calls back once, later than it returns. */
export type Connect = (target: Target, progress: ConnectionProgress, receive: Receive, opened: Opened) => void

/** DNS, TCP and TLS, or one of them, took longer than they may together. */
class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError'
  readonly code = 'connect_timeout'

  constructor(timeoutMs: number) {
    super(`No connection within ${timeoutMs} ms.`)
  }
}

/** Later: a request is not to fail before whoever makes it knows it. */
export const refuse = (refusal: Refusal, opened: Opened): void =>
  queueMicrotask(() => opened(new EgressRefusedError(refusal), null))

/** For every socket: no waiting for more to send, and probes that find out about a peer that vanished. */
export const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const

/** Calls back when `event` says that the connection stands, or when it does not within that time. */
export function whenOpen(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  opened: (error: Error | null) => void,
): void {
  const settle = (error: Error | null): void => {
    clearTimeout(timer)
    socket.off(event, succeed).off('error', settle).off('close', closed)
    opened(error)
  }
  const succeed = (): void => settle(null)
  const closed = (): void => settle(new Error('The connection was closed while it was being made.'))
  const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError(timeoutMs)), timeoutMs)
  socket.once(event, succeed).once('error', settle).once('close', closed)
}

/** So many receivers are greeted with what was agreed on before. */
const maxSessions = 1_000
/** What is in a session is up to the receiver; usual ones have 200 to 2,000 bytes. */
const maxSessionBytes = 8_192

/** Opens TLS with the session that was agreed on last, which spares a receiver's signature and a round trip. */
export class TlsConnector {
  readonly #sessions = new Map<string, Buffer>()

  connect(target: Target, options: ConnectionOptions): Socket {
    const { hostname, port } = target
    // The name in the URL, not one in a Host header that somebody configured.
    const servername = isIP(hostname) === 0 ? hostname.replace(/\.$/, '') : ''
    const key = `${hostname}:${port}`
    const session = this.#sessions.get(key)
    const socket = connectTls({
      ...options,
      host: hostname,
      port,
      servername,
      ALPNProtocols: ['http/1.1'],
      ...(session && { session }),
    })
    return socket.on('session', (next) => this.#remember(key, next))
  }

  #remember(key: string, session: Buffer): void {
    if (session.length > maxSessionBytes) return
    // A map is in the order of insertion: the first one was agreed on longest ago.
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > maxSessions && oldest !== undefined) this.#sessions.delete(oldest)
  }
}
