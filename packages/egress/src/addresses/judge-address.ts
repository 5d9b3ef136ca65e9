import { groupsOf, parseAddress, parseNetwork, type Address, type Network } from './network.ts'
import { publicIPv6, specialBlocks } from './special-purpose.ts'

/** What a deployment says about networks, over and above that public addresses are allowed. */
export interface NetworkRules {
  readonly allowedNetworks: readonly Network[]
  /** These win over the allowed ones. */
  readonly deniedNetworks: readonly Network[]
}

const special = specialBlocks.map((block) => ({ ...block, network: parseNetwork(block.cidr) }))
const assigned = parseNetwork(publicIPv6)
const translated = [parseNetwork('::ffff:0:0/96'), parseNetwork('64:ff9b::/96')]

/**
 * Why an address must not be connected to, to stand in parentheses; undefined when it may be. Only public unicast addresses may,
 * and allowed networks.
 *
 * Every IPv6 form that embeds an IPv4 address is refused altogether, whatever it embeds: who takes the packet, and
 * where to, is up to a gateway that cannot be seen from here. No receiver needs one of these forms, except on networks
 * that reach IPv4 through NAT64 alone; those allow 64:ff9b::/96, and even then what is embedded is judged too.
 */
export function judgeAddress(text: string, rules: NetworkRules): string | undefined {
  const address = parseAddress(text)
  if (!address) return text.includes('%') ? 'with a zone, as link-local addresses have' : 'not an IP address'

  const contains = (network: Network): boolean => network.contains(address)
  const denied = rules.deniedNetworks.find(contains)
  if (denied) return `${denied.cidr}: denied here`
  if (rules.allowedNetworks.some(contains))
    return translated.some(contains) ? judgeAddress(embeddedIPv4(address), rules) : undefined

  const found = special.find(({ network }) => network.contains(address))
  if (found) return `${found.cidr}: ${found.purpose}, ${found.source}`
  if (address.family === 'ipv4') return undefined
  if (!assigned.contains(address)) return `outside ${publicIPv6}, all of public IPv6, RFC 4291`
  if (isIsatap(address)) return 'ISATAP, a tunnel to IPv4, RFC 5214'
  return undefined
}

/** Interface ids 0000:5efe:a.b.c.d and 0200:5efe:a.b.c.d under any prefix; 0x0300 masks the universal and group bits. */
function isIsatap(address: Address): boolean {
  const [, , , , upper = 0, lower] = groupsOf(address)
  return (upper & ~0x0300) === 0 && lower === 0x5efe
}

function embeddedIPv4(address: Address): string {
  const [high = 0, low = 0] = groupsOf(address).slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
