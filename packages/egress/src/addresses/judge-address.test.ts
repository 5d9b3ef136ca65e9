import { describe, expect, test } from 'vitest'
import { judgeAddress } from './judge-address.ts'
import { groupsOf, parseAddress, parseNetwork } from './network.ts'
import { specialBlocks } from './special-purpose.ts'

const rules = { allowedNetworks: [], deniedNetworks: [] }
const judge = (address: string): string | undefined => judgeAddress(address, rules)

describe('public addresses pass', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '168.63.129.15',
    '168.63.129.17',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '191.255.255.255',
    '192.0.1.0',
    '192.0.3.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700:4700::1111',
    '2620:4f:7fff::1',
    '2620:4f:8001::1',
    '2a00:1450:4001:80b::200e',
    '2A00:1450:4001:080B:0:0:0:200E',
    // Close to ISATAP's interface ids, and not one of them.
    '2a00:1450::1000:5efe:a00:1',
    '2a00:1450::5efe:0:a00:1',
  ])('%s', (address) => {
    expect(judge(address)).toBeUndefined()
  })
})

describe('each special-purpose block is refused from its first to its last address', () => {
  test.each(specialBlocks)('$cidr, $purpose', ({ cidr }) => {
    const { first, last } = rangeOf(cidr)
    for (const address of [first, first + (last - first) / 2n, last]) expect(judge(write(cidr, address))).toBeDefined()
  })

  test.each(specialBlocks)('$cidr goes no further', ({ cidr }) => {
    const { first, last } = rangeOf(cidr)
    const network = parseNetwork(cidr)
    const outside = [first - 1n, last + 1n].filter((address) => address >= 0n && address < 1n << bitsOf(cidr))
    for (const address of outside) {
      const parsed = parseAddress(write(cidr, address))
      expect(parsed && network.contains(parsed)).toBe(false)
    }
  })

  test('the reason names the block, what it is for, and where that is written', () => {
    expect(judge('10.1.2.3')).toBe('10.0.0.0/8: private use, RFC 1918')
    expect(judge('255.255.255.255')).toBe('255.255.255.255/32: limited broadcast, RFC 919, RFC 8190')
    expect(judge('2001:db8::1')).toBe('2001:db8::/32: documentation, RFC 3849')
  })
})

// Written down apart from the table that is tested: a block that is lost there is missed here. The last line is of other registries.
const registered = `
  0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
  192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
  192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
  255.255.255.255/32
  ::1/128 ::/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128
  2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28
  2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10
  224.0.0.0/4 ff00::/8 fec0::/10 ::/96`

describe('every entry of IANA’s special-purpose registries is refused, nested ones, too', () => {
  test.each(registered.trim().split(/\s+/))('%s', (cidr) => {
    const { first, last } = rangeOf(cidr)
    for (const address of [first, first + (last - first) / 2n, last]) expect(judge(write(cidr, address))).toBeDefined()
  })
})

describe('refused besides', () => {
  test.each([
    ['metadata of AWS, Google, Azure, DigitalOcean', '169.254.169.254'],
    ['metadata of AWS over IPv6', 'fd00:ec2::254'],
    ['metadata of Google over IPv6', 'fd20:ce::254'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['the host agent of Azure', '168.63.129.16'],
    ['IPv6 outside 2000::/3', '4000::1'],
    ['IPv6 below 2000::/3', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['ISATAP, local interface id', '2a00:1450::5efe:10.0.0.1'],
    ['ISATAP, universal interface id', '2a00:1450::200:5efe:10.0.0.1'],
    ['ISATAP, whatever it embeds', '2a00:1450::5efe:8.8.8.8'],
    ['IPv4-mapped, whatever it embeds', '::ffff:8.8.8.8'],
    ['NAT64, whatever it embeds', '64:ff9b::8.8.8.8'],
    ['6to4, whatever it embeds', '2002:808:808::1'],
    ['a zone', 'fe80::1%eth0'],
    ['a zone on a public address', '2606:4700::1%eth0'],
  ])('%s: %s', (_what, address) => {
    expect(judge(address)).toBeDefined()
  })

  test.each([
    '',
    'localhost',
    '127.1',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '8.8.8.8 ',
    '8.8.8.8.',
    '[::1]',
    '1::2::3',
  ])('what is not a canonical address: "%s"', (text) => {
    expect(judge(text)).toBe('not an IP address')
  })
})

describe('the rules of a deployment', () => {
  const allowing = (...cidrs: string[]) => ({ ...rules, allowedNetworks: cidrs.map(parseNetwork) })

  test('an allowed network passes, and nothing beside it', () => {
    expect(judgeAddress('10.1.2.3', allowing('10.1.0.0/16'))).toBeUndefined()
    expect(judgeAddress('10.2.0.0', allowing('10.1.0.0/16'))).toBeDefined()
    expect(judgeAddress('::1', allowing('::1/128'))).toBeUndefined()
    expect(judgeAddress('fd00::1', allowing('::1/128'))).toBeDefined()
  })

  test('a denied network is refused, also within an allowed or public one', () => {
    const denying = { ...allowing('10.0.0.0/8'), deniedNetworks: ['10.9.0.0/16', '8.8.8.0/24'].map(parseNetwork) }
    expect(judgeAddress('10.9.0.1', denying)).toBe('10.9.0.0/16: denied here')
    expect(judgeAddress('8.8.8.8', denying)).toBe('8.8.8.0/24: denied here')
    expect(judgeAddress('10.8.0.1', denying)).toBeUndefined()
  })

  test('allowing an IPv4 network does not allow its IPv6 spellings', () => {
    const loopback = allowing('127.0.0.0/8')
    for (const address of ['::ffff:127.0.0.1', '::127.0.0.1', '64:ff9b::127.0.0.1', '2002:7f00:1::'])
      expect(judgeAddress(address, loopback)).toBeDefined()
  })

  test('allowing all of IPv6 or all of IPv4 says nothing about the other', () => {
    expect(judgeAddress('10.0.0.1', allowing('::/0'))).toBeDefined()
    expect(judgeAddress('::1', allowing('0.0.0.0/0'))).toBeDefined()
    expect(judgeAddress('10.0.0.1', allowing('::ffff:0:0/96'))).toBeDefined()
  })

  test('where NAT64 is allowed, what it embeds is judged', () => {
    const nat64 = allowing('64:ff9b::/96')
    expect(judgeAddress('64:ff9b::8.8.8.8', nat64)).toBeUndefined()
    expect(judgeAddress('64:ff9b::169.254.169.254', nat64)).toBeDefined()
    expect(judgeAddress('64:ff9b::10.0.0.1', nat64)).toBeDefined()
    expect(judgeAddress('64:ff9b::10.0.0.1', allowing('64:ff9b::/96', '10.0.0.0/8'))).toBeUndefined()
    expect(judgeAddress('::ffff:10.0.0.1', allowing('::/0'))).toBeDefined()
  })
})

test('a canonical IPv6 address is taken apart into its groups', () => {
  const groups = (text: string) => {
    const address = parseAddress(text)
    return address && groupsOf(address)
  }
  expect(groups('::')).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  expect(groups('::1')).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
  expect(groups('2001:db8::')).toEqual([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0])
  expect(groups('::FFFF:1.2.3.4')).toEqual([0, 0, 0, 0, 0, 0xffff, 0x102, 0x304])
  expect(groups('1:2:3:4:5:6:7:8')).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(groups('1:0:0:4:5:0:0:8')).toEqual([1, 0, 0, 4, 5, 0, 0, 8])
})

const bitsOf = (cidr: string): bigint => (cidr.includes(':') ? 128n : 32n)

/** First and last address of a block as numbers: reckoned another way than the code under test does. */
function rangeOf(cidr: string): { first: bigint; last: bigint } {
  const [text = '', prefix] = cidr.split('/')
  const address = parseAddress(text)
  if (!address) throw new Error(`${cidr} is not a block.`)
  const parts = address.family === 'ipv4' ? text.split('.').map(Number) : groupsOf(address)
  const width = address.family === 'ipv4' ? 8n : 16n
  const first = parts.reduce((number, part) => (number << width) | BigInt(part), 0n)
  return { first, last: first + (1n << (bitsOf(cidr) - BigInt(prefix ?? 0))) - 1n }
}

function write(cidr: string, address: bigint): string {
  const pieces = (count: number, width: bigint): bigint[] =>
    Array.from({ length: count }, (_, index) => (address >> (width * BigInt(count - 1 - index))) & ((1n << width) - 1n))
  return bitsOf(cidr) === 32n
    ? pieces(4, 8n).join('.')
    : pieces(8, 16n)
        .map((group) => group.toString(16))
        .join(':')
}
