import type { Attempt } from '@jethook/contracts'

const codes: Record<string, readonly [code: string, sentence: string]> = {
  ECONNREFUSED: ['connection_refused', 'Nothing listens at the address.'],
  ECONNRESET: ['connection_reset', 'The receiver reset the connection.'],
  EPIPE: ['connection_reset', 'The receiver reset the connection.'],
  UND_ERR_SOCKET: ['connection_closed', 'The receiver closed the connection before its response was complete.'],
  UND_ERR_CONNECT_TIMEOUT: ['connect_timeout', 'No connection could be made in time.'],
  ETIMEDOUT: ['connect_timeout', 'No connection could be made in time.'],
  ENOTFOUND: ['dns_failure', 'The host name does not resolve.'],
  EAI_AGAIN: ['dns_failure', 'The host name could not be resolved right now.'],
  EHOSTUNREACH: ['unreachable', 'No route to the host.'],
  ENETUNREACH: ['unreachable', 'No route to the network.'],
  UND_ERR_HEADERS_OVERFLOW: ['invalid_response', 'The response headers are too large.'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['invalid_response', 'The body is not as long as Content-Length says.'],
}

/** The stable code of a request that got no complete response, and what the runtime said of it. */
export function requestError(error: Error & { code?: string }): NonNullable<Attempt['error']> {
  const { code = '' } = error
  const known = codes[code]
  if (known) return { code: known[0], message: known[1] }
  if (error.name === 'HTTPParserError') return { code: 'invalid_response', message: `Not HTTP: ${error.message}.` }
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code)) return { code: 'tls_failure', message: `${error.message}.` }
  return { code: 'network_error', message: code ? `${error.message} (${code})` : error.message }
}
