import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { checkOrigin } from '../destination/check-url.ts'
import type { Lookup } from '../destination/lookup.ts'
import { resolvePermitted } from '../destination/resolve-permitted.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import { refuse, socketOptions, TlsConnector, whenOpen, type Connect, type Target } from './connect.ts'
import type { ConnectionProgress } from './progress.ts'

export interface DirectOptions {
  readonly policy: EgressPolicy
  readonly lookup: Lookup
  readonly secureContext: SecureContext
  /** For everything: DNS, TCP and TLS. */
  readonly timeoutMs: number
}

/** All sockets are read into this, one after the other: what was read is dealt with before the next one is. */
const readBuffer = Buffer.allocUnsafeSlow(65_536)

/**
 * How long an address has before the next one of its name is tried instead: enough for one that is far away, and for a first
 * packet that was lost (RFC 6298 sends the next one after a second). Node's own half a second is not, and where the others cannot
 * be reached from here, as IPv6 often, none would be left. Of whoever does not wait for so long it takes half of the time.
 */
const attemptTimeoutMs = 1_500

/**
 * Connects to checked addresses only. Names are resolved once per connection, by a `lookup` that answers nothing but
 * the addresses that passed; Node connects to what that answers and never asks again (with several, one after the
 * other until one answers). So the address that was checked is the one connected to, whatever the DNS says by then.
 * For an address in the URL Node calls no lookup: `checkOrigin` judges it.
 */
export function connectDirectly({ policy, lookup, secureContext, timeoutMs }: DirectOptions): Connect {
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
  const tls = new TlsConnector()

  return (target, progress, receive, opened) => {
    const refusal = checkOrigin({ ...target, port: String(target.port) }, policy)
    if (refusal) return refuse(refusal, opened)
    const { protocol, hostname, port } = target
    const callback = (length: number): boolean => {
      receive(readBuffer.subarray(0, length))
      return true
    }
    const onread = { buffer: readBuffer, callback }
    const attemptMs = Math.min(attemptTimeoutMs, Math.max(1, Math.round((progress.timeoutMs ?? Infinity) / 2)))
    const multiple = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs }
    const options = { ...socketOptions, ...multiple, lookup: pinned, onread }
    const isSecure = protocol === 'https:'
    const socket = isSecure
      ? tls.connect(target, { ...options, secureContext })
      : connect({ ...options, host: hostname, port })
    follow(socket, progress, target)
    whenOpen(socket, isSecure ? 'secureConnect' : 'connect', timeoutMs, (error) => {
      if (error) return opened(error, null)
      progress.finish()
      opened(null, socket)
    })
  }
}

function follow(socket: Socket, progress: ConnectionProgress, { hostname, protocol }: Target): void {
  progress.cancel = (reason) => void socket.destroy(reason)
  if (isIP(hostname) === 0) progress.begin('dns')
  else {
    progress.begin('connect')
    progress.address = hostname
  }
  // Once per address that was found, all at the same moment.
  socket.once('lookup', (error: Error | null) => error ?? progress.begin('connect'))
  socket.on('connectionAttempt', (address) => (progress.address = address))
  socket.once('connect', () => {
    progress.address = socket.remoteAddress ?? progress.address
    if (protocol === 'https:') progress.begin('tls')
  })
}
