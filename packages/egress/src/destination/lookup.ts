import { lookup as systemLookup, Resolver } from 'node:dns/promises'
import { isInternalName } from './internal-names.ts'

export interface FoundAddress {
  readonly address: string
}

/** All addresses of a host name, best first. Rejects with code ENOTFOUND or, when asking again may help, EAI_AGAIN. */
export type Lookup = (hostname: string) => Promise<readonly FoundAddress[]>

/** As every program of the machine resolves names: hosts file, search domains and all. */
export const lookupInSystem: Lookup = (hostname) => systemLookup(hostname, { all: true })

/** Some name servers do not answer at all when they are asked for IPv6 addresses, and there are those of IPv4 already. */
const waitForIPv6Ms = 500

/**
 * Asks DNS servers directly. Unlike the system's lookup, which holds one of libuv's few threads until it ends, any
 * number of names may hang at the same time. It knows no hosts file and no search domains.
 */
export function lookupThrough(resolver: Pick<Resolver, 'resolve4' | 'resolve6'>): Lookup {
  return async (hostname) => {
    const asked = resolver.resolve4(hostname)
    const late = Promise.withResolvers<never>()
    let timer: NodeJS.Timeout | undefined
    const waitNoLonger = (): void =>
      void (timer = setTimeout(late.reject, waitForIPv6Ms, new Error('It takes too long.')))
    asked.then(waitNoLonger, () => undefined)
    const [ipv4, ipv6] = await Promise.allSettled([asked, Promise.race([resolver.resolve6(hostname), late.promise])])
    clearTimeout(timer)
    if (ipv4.status === 'rejected' && ipv6.status === 'rejected')
      throw lookupError(hostname, [ipv4.reason, ipv6.reason])
    return [ipv4, ipv6]
      .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      .map((address) => ({ address }))
  }
}

/**
 * As the setting `DNS_SERVERS` says: these servers, or those of the machine, are asked directly; `system` leaves it to
 * the machine. Internal names, which only allowed networks have, are always the machine's: they may be from its hosts
 * file, or need its search domains.
 */
export function createLookup(servers?: string): Lookup {
  if (servers === 'system') return lookupInSystem
  const resolver = new Resolver({ timeout: askAgainAfterMs, maxTimeout: askAgainAfterMs, tries: 4 })
  if (servers !== undefined) resolver.setServers(parseServers(servers))
  const ask = lookupThrough(resolver)
  return (hostname) => (isInternalName(hostname) ? lookupInSystem(hostname) : ask(hostname))
}

/**
 * So long at most: of name servers that are usually quick c-ares expects it, and asks again after a quarter of a second, then after
 * twice as long each time. Those of a receiver may be far away, or the first one down: four times are 4 to 8 s in all.
 */
const askAgainAfterMs = 2_000

/** `10.0.0.53,[fd00::53]:5353`. Throws what is wrong, as the end of a sentence. */
export function parseServers(text: string): readonly string[] {
  if (text === 'system') return []
  const servers = text.split(',').map((server) => server.trim())
  try {
    new Resolver().setServers(servers)
  } catch (error) {
    throw new Error('it must be "system", or addresses of name servers like 10.0.0.53,[fd00::53]:5353', {
      cause: error,
    })
  }
  return servers
}

/** With the codes of the system's lookup: c-ares says ECONNREFUSED of a name server, too, where the receiver is meant. */
function lookupError(hostname: string, reasons: readonly { readonly code?: string }[]): Error {
  const isKnown = reasons.every(({ code }) => code === 'ENOTFOUND' || code === 'ENODATA')
  const message = isKnown ? `${hostname} has no address.` : `${hostname} could not be resolved.`
  return Object.assign(new Error(message, { cause: reasons[0] }), { code: isKnown ? 'ENOTFOUND' : 'EAI_AGAIN' })
}

/** Callers that ask for a name while it is looked up share the answer, so that one slow name costs one lookup. */
export function shareLookups(lookup: Lookup): Lookup {
  const running = new Map<string, Promise<readonly FoundAddress[]>>()
  return (hostname) => {
    const known = running.get(hostname)
    if (known) return known
    const started = lookup(hostname).finally(() => running.delete(hostname))
    running.set(hostname, started)
    return started
  }
}
