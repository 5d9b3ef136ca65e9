import { checkOrigin } from '../destination/check-url.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import type { buildConnector } from 'undici'
import { refuse, type OpenConnection } from './connect-directly.ts'

/** The egress proxy could not be reached, or did not connect to the destination. The message is for the operator: it may say where the proxy is. */
export class EgressProxyError extends Error {
  override readonly name = 'EgressProxyError'
  readonly code = 'egress_proxy_failed'
  /** What the proxy answered, if it did. */
  readonly status: number | undefined

  constructor(host: string, cause: Error) {
    super(`The egress proxy did not connect to ${host}: ${cause.message}`, { cause })
    const [, status] = /^Proxy response \((\d{3})\)/.exec(cause.message) ?? []
    this.status = status === undefined ? undefined : Number(status)
  }
}

/**
 * Checks scheme, port, and address or name before the proxy is asked to connect. The name is resolved by the proxy: what
 * it may reach is up to the proxy.
 */
export function connectThroughProxy(policy: EgressPolicy, tunnel: buildConnector.connector): OpenConnection {
  return (target, connection, callback) => {
    const refusal = checkOrigin({ ...target, port: target.port ?? '' }, policy)
    if (refusal) return refuse(refusal, callback)
    tunnel(target, (error, socket) => {
      connection.connectMs = Math.round((performance.now() - connection.startedAt) * 1_000) / 1_000
      if (socket) callback(null, socket)
      else
        callback(
          isProxyFailure(error) ? new EgressProxyError(target.host ?? target.hostname, error) : asError(error),
          null,
        )
    })
  }
}

/** Anything but a failed TLS handshake with the destination, which happens inside the tunnel. */
const isProxyFailure = (error: (Error & { code?: string }) | null): error is Error =>
  /^(UND_ERR_|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)/.test(error?.code ?? '')

const asError = (error: Error | null): Error => error ?? new Error('There is neither a connection nor an error.')
