/** A block of addresses that no webhook goes to, what it is for, and where that is written. */
export interface SpecialBlock {
  readonly cidr: string
  readonly purpose: string
  readonly source: string
}

const block = (cidr: string, purpose: string, source: string): SpecialBlock => ({ cidr, purpose, source })

/**
 * The special-purpose address registries of IANA
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry), as of October 2025, and
 * what is not unicast, or not public for another reason. Of nested blocks the narrower one stands first: its purpose is
 * told.
 *
 * A block is here even when its registry calls it globally reachable (AS112, AMT, PCP, TURN, ORCHIDv2, drone ids): the
 * nearest network may answer for those, and none of them hosts receivers.
 */
export const specialBlocks: readonly SpecialBlock[] = [
  block('0.0.0.0/8', 'this network', 'RFC 791, RFC 1122'),
  block('10.0.0.0/8', 'private use', 'RFC 1918'),
  block('100.64.0.0/10', 'shared by carriers, and by clouds for their metadata', 'RFC 6598'),
  block('127.0.0.0/8', 'loopback', 'RFC 1122'),
  block('169.254.0.0/16', 'link-local, and cloud metadata', 'RFC 3927'),
  block('172.16.0.0/12', 'private use', 'RFC 1918'),
  block('192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890, RFC 7723, RFC 8155'),
  block('192.0.2.0/24', 'documentation', 'RFC 5737'),
  block('192.31.196.0/24', 'AS112 redirection', 'RFC 7535'),
  block('192.52.193.0/24', 'automatic multicast tunneling', 'RFC 7450'),
  block('192.88.99.0/24', '6to4 relays', 'RFC 7526, RFC 6751'),
  block('192.168.0.0/16', 'private use', 'RFC 1918'),
  block('192.175.48.0/24', 'AS112', 'RFC 7534'),
  block('198.18.0.0/15', 'benchmarking', 'RFC 2544'),
  block('198.51.100.0/24', 'documentation', 'RFC 5737'),
  block('203.0.113.0/24', 'documentation', 'RFC 5737'),
  block('224.0.0.0/4', 'multicast', 'RFC 5771'),
  block('255.255.255.255/32', 'limited broadcast', 'RFC 919, RFC 8190'),
  block('240.0.0.0/4', 'reserved', 'RFC 1112'),
  // Not in the registries: an ordinary address by its looks, answered inside every Azure machine.
  block('168.63.129.16/32', 'host agent of Azure, with metadata', 'Microsoft: What is IP address 168.63.129.16?'),

  block('::/128', 'the unspecified address', 'RFC 4291'),
  block('::1/128', 'loopback', 'RFC 4291'),
  block('::/96', 'IPv4-compatible', 'RFC 4291'),
  block('::ffff:0:0/96', 'IPv4-mapped', 'RFC 4291'),
  block('64:ff9b::/96', 'translated to IPv4 (NAT64)', 'RFC 6052'),
  block('64:ff9b:1::/48', 'translated to IPv4 (NAT64, local use)', 'RFC 8215'),
  block('100::/64', 'discarded', 'RFC 6666'),
  block('100:0:0:1::/64', 'the dummy prefix', 'RFC 9780'),
  block('2001::/32', 'Teredo, a tunnel to IPv4', 'RFC 4380'),
  block('2001:2::/48', 'benchmarking', 'RFC 5180'),
  block('2001:10::/28', 'ORCHID', 'RFC 4843'),
  block('2001:20::/28', 'ORCHIDv2', 'RFC 7343'),
  block('2001:30::/28', 'drone remote ids', 'RFC 9374'),
  block('2001::/23', 'IETF protocol assignments', 'RFC 2928, RFC 7450, RFC 7535, RFC 7723, RFC 8155, RFC 9665'),
  block('2001:db8::/32', 'documentation', 'RFC 3849'),
  block('2002::/16', '6to4, a tunnel to IPv4', 'RFC 3056, RFC 7526'),
  block('2620:4f:8000::/48', 'AS112', 'RFC 7534'),
  block('3fff::/20', 'documentation', 'RFC 9637'),
  block('5f00::/16', 'segment routing ids', 'RFC 9602'),
  block('fc00::/7', 'unique local, and cloud metadata', 'RFC 4193'),
  block('fe80::/10', 'link-local', 'RFC 4291'),
  block('fec0::/10', 'site-local', 'RFC 3879'),
  block('ff00::/8', 'multicast', 'RFC 4291'),
]

/** All that IANA gives out for public IPv6 unicast (RFC 4291, 2.4): what lies outside is unassigned. */
export const publicIPv6 = '2000::/3'
