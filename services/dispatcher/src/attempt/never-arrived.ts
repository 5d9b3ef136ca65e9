import type { Attempt } from '@jethook/contracts'

const codes: ReadonlySet<string> = new Set([
  'connect_timeout',
  'dns_failure',
  'connection_refused',
  'unreachable',
  'destination_refused',
  'egress_proxy_failed',
])

/** Whether a failed attempt got no further than connecting: then it cannot be the event that is to blame. */
export const neverArrived = ({ error }: Pick<Attempt, 'error'>): boolean =>
  error !== null && (codes.has(error.code) || error.code.startsWith('tls_'))
