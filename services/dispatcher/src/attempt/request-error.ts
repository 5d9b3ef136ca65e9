import type { Attempt } from '@jethook/contracts'
import { EgressProxyError, EgressRefusedError, type ConnectionStep } from '@jethook/egress'

type AttemptError = NonNullable<Attempt['error']>

const codes: Record<string, readonly [code: string, sentence: string]> = {
  ECONNREFUSED: ['connection_refused', 'Nothing listens at the address.'],
  ECONNRESET: ['connection_reset', 'The receiver reset the connection.'],
  EPIPE: ['connection_reset', 'The receiver reset the connection.'],
  connect_timeout: ['connect_timeout', 'No connection could be made in time'],
  ETIMEDOUT: ['connect_timeout', 'No connection could be made in time'],
  ENOTFOUND: ['dns_failure', 'The host name does not resolve.'],
  EAI_AGAIN: ['dns_failure', 'The host name could not be resolved right now.'],
  EHOSTUNREACH: ['unreachable', 'No route to the host.'],
  ENETUNREACH: ['unreachable', 'No route to the network.'],

  CERT_HAS_EXPIRED: ['tls_certificate_expired', 'The receiver’s certificate has expired.'],
  CERT_NOT_YET_VALID: ['tls_certificate_not_yet_valid', 'The receiver’s certificate is not valid yet.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls_certificate_wrong_host', 'The receiver’s certificate is for another host name.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls_certificate_self_signed', 'The receiver’s certificate is signed by itself.'],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'tls_certificate_untrusted',
    'The receiver’s certificate comes from an authority that is not trusted here.',
  ],
  UNABLE_TO_GET_ISSUER_CERT: [
    'tls_certificate_untrusted',
    'The receiver’s certificate comes from an authority that is not known here, or intermediate certificates are missing.',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'tls_certificate_untrusted',
    'The receiver’s certificate comes from an authority that is not known here, or intermediate certificates are missing.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'tls_certificate_untrusted',
    'The receiver’s certificate comes from an authority that is not known here, or intermediate certificates are missing.',
  ],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
    'tls_client_certificate_required',
    'The receiver asks for a client certificate.',
  ],
}

/** The agent's own, whose messages are for the endpoint's owner as they are. */
const ours = new Set(['invalid_response', 'connection_closed'])

/** The stable code of a request that got no complete response, and what there is to say of it to who owns the endpoint. */
export function requestError(
  error: Error & { code?: string; syscall?: string },
  unfinished?: ConnectionStep,
): AttemptError {
  if (error instanceof EgressRefusedError) return { code: error.code, message: error.refusal.message }
  if (error instanceof EgressProxyError) return { code: error.code, message: proxySentence(error) }
  const { code = '' } = error
  if (ours.has(code)) return { code, message: error.message }
  const known = codes[code]
  if (known?.[0] === 'connection_reset' && unfinished === 'tls')
    return { code: 'tls_failure', message: 'TLS failed: the receiver ended the connection during the handshake.' }
  if (known?.[0] === 'connect_timeout') return { code: known[0], message: `${known[1]}${unfinishedStep(unfinished)}.` }
  if (known) return { code: known[0], message: known[1] }
  if (/CERT|SSL|TLS|EPROTO|UNABLE_TO/.test(code))
    return { code: 'tls_failure', message: `TLS failed: ${tlsReason(error)}.` }
  // Node's own sentence may hold our address.
  if (error.syscall) return { code: 'network_error', message: `The connection failed (${code}).` }
  return { code: 'network_error', message: code ? `${error.message} (${code})` : error.message }
}

const timeouts = new Set(['timeout', 'connect_timeout', 'token_endpoint_timeout'])

/** Whether it held its slot until a deadline. */
export const isTimeout = ({ code }: AttemptError): boolean => timeouts.has(code)

const unfinishedSteps: Record<ConnectionStep, string> = {
  dns: 'the host name was not resolved',
  connect: 'the address did not answer',
  proxy: 'the egress proxy made none',
  tls: 'the TLS handshake did not end',
}

/** What a connection that was not made in time was waiting for, as the end of a sentence. */
export const unfinishedStep = (step: ConnectionStep | undefined): string => (step ? `: ${unfinishedSteps[step]}` : '')

/** What OpenSSL says, without the number of a thread and places in its source. */
export const tlsReason = (error: Error & { reason?: string }): string => error.reason ?? error.message

/** Where the proxy is, is not for everybody to know. */
const proxySentence = ({ status }: EgressProxyError): string =>
  status === undefined
    ? 'The egress proxy could not be reached, or did not answer.'
    : `The egress proxy did not connect to the receiver: it answered ${status}.`
