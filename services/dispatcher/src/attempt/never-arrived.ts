import type { Attempt } from '@jethook/contracts'

const codes: ReadonlySet<string> = new Set([
  'connect_timeout',
  'dns_failure',
  'connection_refused',
  'unreachable',
  'destination_refused',
  'egress_proxy_failed',
  'client_certificate_unusable',
])
const prefixes = ['tls_', 'token_endpoint_']

/** Whether a failed attempt got no further than connecting, or not even there: then it cannot be the event that is to blame. */
export const neverArrived = ({ error }: Pick<Attempt, 'error'>): boolean =>
  error !== null && (codes.has(error.code) || prefixes.some((prefix) => error.code.startsWith(prefix)))
