import { connect, isIPv6, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { checkOrigin, withoutBrackets } from '../destination/check-url.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import { InvalidResponseError } from '../response/errors.ts'
import { ResponseParser } from '../response/response-parser.ts'
import { refuse, socketOptions, TlsConnector, whenOpen, type Connect } from './connect.ts'

/** The egress proxy could not be reached, or did not connect to the destination. The message is for the operator: it may say where the proxy is. */
export class EgressProxyError extends Error {
  override readonly name = 'EgressProxyError'
  readonly code = 'egress_proxy_failed'
  /** What the proxy answered, if it did. */
  readonly status: number | undefined

  constructor(host: string, cause: Error | number) {
    const [reason, options] =
      typeof cause === 'number' ? [`it answered ${cause}.`] : [cause.message || String(cause), { cause }]
    super(`The egress proxy did not connect to ${host}: ${reason}`, options)
    this.status = typeof cause === 'number' ? cause : undefined
  }
}

export interface ProxyOptions {
  readonly policy: EgressPolicy
  readonly proxy: URL
  readonly secureContext: SecureContext
  /** For reaching the proxy, again for the proxy to connect, and again for TLS. */
  readonly timeoutMs: number
}

/**
 * Checks scheme, port, and address or name before the proxy is asked to connect (CONNECT: RFC 9110, section 9.3.6). The
 * name is resolved by the proxy: what it may reach is up to the proxy. Plain http is tunnelled too: a proxy that forwards it
 * would see, and could change, what is delivered. TLS is ours again, inside the tunnel.
 */
export function connectThroughProxy({ policy, proxy, secureContext, timeoutMs }: ProxyOptions): Connect {
  const tls = new TlsConnector()
  const authorization = proxyAuthorization(proxy)
  return (target, progress, receive, opened) => {
    const refusal = checkOrigin({ ...target, port: String(target.port) }, policy)
    if (refusal) return refuse(refusal, opened)
    const host = `${isIPv6(target.hostname) ? `[${target.hostname}]` : target.hostname}:${target.port}`
    const tunnel = connect({ ...socketOptions, host: withoutBrackets(proxy.hostname), port: Number(proxy.port || 80) })
    progress.begin('proxy')
    progress.cancel = (reason) => void tunnel.destroy(reason)
    askProxy(tunnel, `CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n${authorization}\r\n`, timeoutMs, (answer) => {
      if (answer instanceof InvalidResponseError) return fail(tunnel, answer)
      if (answer instanceof Error || answer < 200 || answer >= 300)
        return fail(tunnel, new EgressProxyError(host, answer))
      if (target.protocol !== 'https:') return stand(tunnel)
      progress.begin('tls')
      const socket = tls.connect(target, { socket: tunnel, secureContext })
      // Whoever has a tunnel in its hands hears of it through TLS.
      tunnel.on('error', () => undefined)
      progress.cancel = (reason) => void socket.destroy(reason)
      whenOpen(socket, 'secureConnect', timeoutMs, (error) => (error ? opened(error, null) : stand(socket)))
    })

    function stand(socket: Socket): void {
      progress.finish()
      socket.on('data', receive)
      opened(null, socket)
    }

    function fail(socket: Socket, error: Error): void {
      socket.on('error', () => undefined).destroy()
      opened(error, null)
    }
  }
}

function proxyAuthorization({ username, password }: URL): string {
  if (username === '') return ''
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `proxy-authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`
}

/** Sends it once the proxy is reached, and calls back with the status of the answer, of which there is nothing more to read. */
function askProxy(
  socket: Socket,
  request: string,
  timeoutMs: number,
  answered: (answer: Error | number) => void,
): void {
  whenOpen(socket, 'connect', timeoutMs, (failure) => {
    if (failure) return answered(failure)
    const parser = new ResponseParser()
    let status = 0
    parser.begin({ onHead: (code) => void (status = code), onBody() {} }, true)
    const read = (bytes: Buffer): void => {
      const end = endIn(bytes)
      if (typeof end !== 'number') settle(end)
      else if (end >= 0) settle(end < bytes.length && status < 300 ? new InvalidResponseError(spokeEarly) : status)
    }
    const endIn = (bytes: Buffer): number | Error => {
      try {
        return parser.read(bytes)
      } catch (error) {
        return new Error((error as Error).message, { cause: error })
      }
    }
    const closed = (error?: Error | boolean): void =>
      settle(error instanceof Error ? error : new Error('it closed the connection without an answer.'))
    const timer = setTimeout(() => settle(new Error(`it did not answer within ${timeoutMs} ms.`)), timeoutMs)
    const settle = (answer: Error | number): void => {
      clearTimeout(timer)
      socket.off('data', read).off('error', closed).off('close', closed)
      answered(answer)
    }
    socket.on('data', read).once('error', closed).once('close', closed)
    socket.write(request)
  })
}

const spokeEarly = 'The receiver spoke before the request was sent.'
