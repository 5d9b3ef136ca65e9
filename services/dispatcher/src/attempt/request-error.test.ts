import { expect, test } from 'vitest'
import { requestError } from './request-error.ts'

const errorOf = (code: string, message = 'as the runtime says it') => Object.assign(new Error(message), { code })

test.each([
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_reset'],
  ['ENOTFOUND', 'dns_failure'],
  ['connect_timeout', 'connect_timeout'],
  ['CERT_HAS_EXPIRED', 'tls_certificate_expired'],
  ['CERT_NOT_YET_VALID', 'tls_certificate_not_yet_valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_certificate_wrong_host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_certificate_self_signed'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_certificate_untrusted'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls_client_certificate_required'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_failure'],
  ['EPROTO', 'tls_failure'],
  ['EMFILE', 'network_error'],
])('%s is %s', (code, expected) => {
  expect(requestError(errorOf(code)).code).toBe(expected)
})

test.each(['connection_closed', 'invalid_response'])('what the agent says of %s is passed on', (code) => {
  expect(requestError(errorOf(code, 'A sentence.'))).toEqual({ code, message: 'A sentence.' })
})
