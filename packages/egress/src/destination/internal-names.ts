/** Special-use names (RFC 6761, 6762, 8375; `internal` by ICANN's resolution of 2024): never in the public DNS. */
const internalDomains = ['localhost', 'local', 'internal', 'home.arpa']

/** The domain that makes a name one of a network's own, if one does. */
export function internalDomainOf(hostname: string): string | undefined {
  const name = withoutRoot(hostname)
  return internalDomains.find((internal) => name === internal || name.endsWith(`.${internal}`))
}

/** Without a dot, the resolver would complete it with the search domains of the network it is in. */
export const isSingleLabel = (hostname: string): boolean => !withoutRoot(hostname).includes('.')

export const isInternalName = (hostname: string): boolean =>
  isSingleLabel(hostname) || internalDomainOf(hostname) !== undefined

export const withoutRoot = (hostname: string): string => hostname.replace(/\.$/, '')
