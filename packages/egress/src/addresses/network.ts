import { BlockList, isIP, SocketAddress } from 'node:net'

/** An IP address in its canonical notation. */
export interface Address {
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
  readonly socketAddress: SocketAddress
}

/** A block of addresses of one family. */
export interface Network {
  readonly cidr: string
  contains(address: Address): boolean
}

/**
 * Undefined for anything but the strict notation that resolvers and `URL` give out: no short, octal or hexadecimal
 * forms, no blanks, and no zone (`fe80::1%eth0`), which only link-local addresses have.
 */
export function parseAddress(text: string): Address | undefined {
  const version = isIP(text)
  if (version === 0 || text.includes('%')) return undefined
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const canonical = version === 4 ? text : new URL(`http://[${text}]/`).hostname.slice(1, -1)
  return { text: canonical, family, socketAddress: new SocketAddress({ address: canonical, family }) }
}

/**
 * `10.0.0.0/8`, `fd00:1::/32`, or a single address. Throws what is wrong with it, as the end of a sentence.
 *
 * Node's BlockList does the matching. Two traits of it are kept out here: it finds an IPv4-mapped address in an IPv4
 * block and the other way round, and it answers false for what it cannot parse.
 */
export function parseNetwork(cidr: string): Network {
  const [text = '', length, ...rest] = cidr.split('/')
  const address = parseAddress(text)
  if (!address || rest.length > 0)
    throw new Error(`"${cidr}" is not a network like 10.0.0.0/8 or fd00::/8, nor an IP address`)
  const { family } = address
  const bits = family === 'ipv4' ? 32 : 128
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (!(prefix <= bits)) throw new Error(`"${cidr}" must end in a prefix length from /0 to /${bits}`)
  const list = new BlockList()
  list.addSubnet(address.socketAddress, prefix)
  return {
    cidr: `${address.text}/${prefix}`,
    contains: (other) => other.family === family && list.check(other.socketAddress),
  }
}

/** The eight groups of 16 bits of an IPv6 address. */
export function groupsOf({ text }: Address): readonly number[] {
  const [head = [], tail = []] = text.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16))
}
