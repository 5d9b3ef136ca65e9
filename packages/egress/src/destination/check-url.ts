import { isIP } from 'node:net'
import { judgeAddress } from '../addresses/judge-address.ts'
import { internalDomainOf, isSingleLabel, withoutRoot } from './internal-names.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import type { Refusal, RefusalCode } from './refusal.ts'

/** Scheme, host and port, as `URL` writes them. */
export type Origin = Pick<URL, 'protocol' | 'hostname' | 'port'>

/**
 * Why a URL is refused as a destination; undefined when nothing speaks against it so far. Pure: names are not looked
 * up, so the addresses behind them are still to be checked, by `checkDestination` and when a connection is made.
 *
 * Addresses in unusual notations need no rules of their own: `URL` brings them all to the canonical one, and whoever
 * connects parses with the same `URL`.
 */
export function checkUrl(url: string | URL, policy: EgressPolicy): Refusal | undefined {
  const parsed = typeof url === 'string' ? URL.parse(url) : url
  if (!parsed) return refused('destination_invalid', 'It is not an absolute URL like https://example.com/webhooks.')
  if (parsed.username || parsed.password)
    return refused('destination_credentials', 'The URL must not hold a user name or password.')
  return checkOrigin(parsed, policy)
}

/** The part of `checkUrl` that is about where to connect. */
export function checkOrigin(origin: Origin, policy: EgressPolicy): Refusal | undefined {
  const { protocol, hostname } = origin
  if (protocol !== 'https:' && (protocol !== 'http:' || policy.httpsOnly)) {
    const wanted = policy.httpsOnly ? 'https' : 'http or https'
    return refused('destination_scheme_forbidden', `The scheme must be ${wanted}, not ${protocol.slice(0, -1)}.`)
  }
  const number = portOf(origin)
  if (!policy.allowedPorts.some(({ first, last }) => first <= number && number <= last))
    return refused('destination_port_forbidden', `Port ${number} is not among the ports that requests may go to.`)
  return checkHost(hostname, policy)
}

function checkHost(hostname: string, policy: EgressPolicy): Refusal | undefined {
  const host = withoutBrackets(hostname)
  if (isIP(host) === 0) return checkName(host, policy)
  const reason = judgeAddress(host, policy)
  return reason === undefined
    ? undefined
    : refused('destination_not_public', `${host} is not a permitted destination (${reason}).`)
}

const label = /^[a-z0-9_-]{1,63}$/

function checkName(hostname: string, policy: EgressPolicy): Refusal | undefined {
  const name = withoutRoot(hostname)
  const labels = name.split('.')
  if (name.length > 253 || !labels.every((part) => label.test(part)))
    return refused('destination_invalid', `"${hostname}" is not a host name.`)
  // Where networks are allowed, their hosts may have such names, and the addresses behind them decide.
  if (policy.allowedNetworks.length > 0) return undefined
  const domain = internalDomainOf(name)
  if (domain !== undefined)
    return refused(
      'destination_not_public',
      `${hostname} is not a public host: ${domain} is for names inside networks.`,
    )
  if (isSingleLabel(name))
    return refused('destination_not_public', `${hostname} is not a public host: write its full domain name.`)
  return undefined
}

/** As sockets want it; `URL` has IPv6 addresses in brackets. */
export const withoutBrackets = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** `URL` leaves out the one that the scheme implies. */
export function portOf({ protocol, port }: Pick<Origin, 'protocol' | 'port'>): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

const refused = (code: RefusalCode, message: string): Refusal => ({ code, message })
