import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { checkOrigin } from '../destination/check-url.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import { buildConnector } from 'undici'
import { refuse, type ConnectTarget, type OpenConnection } from './connect-directly.ts'

/** The egress proxy could not be reached, or did not connect to the destination. The message is for the operator: it may say where the proxy is. */
export class EgressProxyError extends Error {
  override readonly name = 'EgressProxyError'
  readonly code = 'egress_proxy_failed'
  /** What the proxy answered, if it did. */
  readonly status: number | undefined

  constructor(host: string, cause: Error | null) {
    super(`The egress proxy did not connect to ${host}: ${cause?.message}`, { cause })
    const [, status] = /^Proxy response \((\d{3})\)/.exec(cause?.message ?? '') ?? []
    this.status = status === undefined ? undefined : Number(status)
  }
}

export interface ProxyOptions {
  readonly policy: EgressPolicy
  readonly secureContext: SecureContext
  /** For the proxy to connect, and again for TLS. */
  readonly timeoutMs: number
}

/**
 * Checks scheme, port, and address or name before the proxy is asked to connect. The name is resolved by the proxy: what
 * it may reach is up to the proxy. TLS is ours again, inside the tunnel.
 */
export function connectThroughProxy(
  { policy, secureContext, timeoutMs }: ProxyOptions,
  tunnel: buildConnector.connector,
): OpenConnection {
  const secure = buildConnector({ secureContext, timeout: timeoutMs, allowH2: false })
  return (target, connection, callback) => {
    const refusal = checkOrigin({ ...target, port: target.port ?? '' }, policy)
    if (refusal) return refuse(refusal, callback)
    const asking = new AbortController()
    connection.begin('proxy')
    connection.cancel = (reason) => asking.abort(reason)
    const plain = { ...withPort(target), protocol: 'http:', signal: asking.signal }
    tunnel(plain, (error, tunnelled) => {
      if (!tunnelled) return callback(new EgressProxyError(plain.host, error), null)
      if (target.protocol !== 'https:') {
        connection.finish()
        return callback(null, tunnelled)
      }
      connection.begin('tls')
      const { servername: _, ...rest } = target
      // It does return the socket, though its types do not say so.
      const socket = secure({ ...rest, httpSocket: tunnelled }, callback) as unknown as Socket
      connection.cancel = (reason) => void socket.destroy(reason)
      socket.once('secureConnect', () => connection.finish())
    })
  }
}

/** `host` with the port that the scheme implies. */
function withPort(target: ConnectTarget): ConnectTarget & { readonly host: string } {
  const { host = target.hostname, port, protocol } = target
  if (port) return { ...target, host }
  const implied = protocol === 'https:' ? '443' : '80'
  return { ...target, host: `${host}:${implied}`, port: implied }
}
