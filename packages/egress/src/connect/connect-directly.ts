import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import { checkOrigin } from '../destination/check-url.ts'
import type { Lookup } from '../destination/lookup.ts'
import { EgressRefusedError, type Refusal } from '../destination/refusal.ts'
import { resolvePermitted } from '../destination/resolve-permitted.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import type { Connection } from './connection.ts'

export type ConnectTarget = buildConnector.Options
export type ConnectCallback = buildConnector.Callback
/** Opens one connection, and writes down how it goes. */
export type OpenConnection = (target: ConnectTarget, connection: Connection, callback: ConnectCallback) => void

export interface DirectOptions {
  readonly policy: EgressPolicy
  readonly lookup: Lookup
  readonly secureContext: SecureContext
  /** For everything: DNS, TCP and TLS. */
  readonly timeoutMs: number
}

/**
 * Connects to checked addresses only. Names are resolved once per connection, by a `lookup` that answers nothing but
 * the addresses that passed; Node connects to what that answers and never asks again (with several, one after the
 * other until one answers). So the address that was checked is the one connected to, whatever the DNS says by then.
 * For an address in the URL Node calls no lookup: `checkOrigin` judges it.
 */
export function connectDirectly({ policy, lookup, secureContext, timeoutMs }: DirectOptions): OpenConnection {
  const pinned: LookupFunction = (hostname, options, callback) => {
    void (async () => {
      const found = await resolvePermitted(hostname, policy, lookup).catch((error: Error) => error)
      if (found instanceof Error) return callback(found, [])
      const addresses = found.map(({ text, family }) => ({ address: text, family: family === 'ipv4' ? 4 : 6 }))
      const [first] = addresses
      if (options.all) callback(null, addresses)
      else callback(null, first?.address ?? '', first?.family)
    })()
  }
  const connect = buildConnector({
    lookup: pinned,
    secureContext,
    timeout: timeoutMs,
    allowH2: false,
    autoSelectFamily: true,
  })

  return (target, connection, callback) => {
    const refusal = checkOrigin({ ...target, port: target.port ?? '' }, policy)
    if (refusal) return refuse(refusal, callback)
    // Without a server name undici takes the host of the URL, not of a Host header that somebody configured.
    const { servername: _, ...rest } = target
    // It does return the socket, though its types do not say so.
    const socket = connect(rest, callback) as unknown as Socket
    follow(socket, connection, target)
  }
}

/** Later, as undici's own connector does: a request is not to fail before the dispatch that made it has returned. */
export const refuse = (refusal: Refusal, callback: ConnectCallback): void =>
  queueMicrotask(() => callback(new EgressRefusedError(refusal), null))

function follow(socket: Socket, connection: Connection, { hostname, protocol }: ConnectTarget): void {
  // With an error: undici takes a socket that was closed without one for one that is still connecting.
  connection.cancel = (reason) => void socket.destroy(reason)
  if (isIP(hostname) === 0) connection.begin('dns')
  else {
    connection.begin('connect')
    connection.address = hostname
  }
  // Once per address that was found, all at the same moment.
  socket.once('lookup', (error: Error | null) => error ?? connection.begin('connect'))
  socket.on('connectionAttempt', (address) => (connection.address = address))
  socket.once('connect', () => {
    connection.address = socket.remoteAddress ?? connection.address
    if (protocol === 'https:') connection.begin('tls')
    else connection.finish()
  })
  socket.once('secureConnect', () => connection.finish())
}
