/** Ways to write one IPv4 address as the host of a URL. */
export const ipv4Notations: Record<string, (bytes: readonly number[]) => string> = {
  dotted: (bytes) => bytes.join('.'),
  'trailing dot': (bytes) => `${bytes.join('.')}.`,
  decimal: (bytes) => String(numberOf(bytes)),
  hexadecimal: (bytes) => `0x${numberOf(bytes).toString(16)}`,
  'hexadecimal, upper case': (bytes) => `0X${numberOf(bytes).toString(16).toUpperCase()}`,
  'hexadecimal, padded': (bytes) => `0x${numberOf(bytes).toString(16).padStart(20, '0')}`,
  octal: (bytes) => `0${numberOf(bytes).toString(8)}`,
  'dotted hexadecimal': (bytes) => bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
  'dotted octal': (bytes) => bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
  'dotted octal, padded': (bytes) => bytes.map((byte) => byte.toString(8).padStart(9, '0')).join('.'),
  mixed: ([a = 0, b = 0, c = 0, d = 0]) => `0x${a.toString(16)}.${b}.0${c.toString(8)}.${d}`,
  'three parts': ([a, b, c = 0, d = 0]) => `${a}.${b}.${c * 256 + d}`,
  'two parts': ([a, ...rest]) => `${a}.${numberOf(rest)}`,
  'two parts, mixed': ([a = 0, ...rest]) => `0${a.toString(8)}.0x${numberOf(rest).toString(16)}`,
  'percent-encoded': (bytes) => percentEncoded(bytes.join('.')),
  'percent-encoded dots': (bytes) => bytes.join('%2e'),
  'full-width digits': (bytes) => bytes.join('.').replace(/\d/g, (digit) => shifted(digit, 0xff10)),
  'mathematical digits': (bytes) => bytes.join('.').replace(/\d/g, (digit) => shifted(digit, 0x1d7d8)),
  'ideographic full stops': (bytes) => bytes.join('。'),
  'full-width full stops': (bytes) => bytes.join('．'),
  'soft hyphens': (bytes) => bytes.join('.\u00AD'),
  'zero-width spaces': (bytes) => bytes.join('\u200B.'),
  'tabs and line ends': (bytes) => bytes.join('\t.\n'),
  'IPv4-mapped': (bytes) => `[::ffff:${bytes.join('.')}]`,
  'IPv4-mapped, hexadecimal': (bytes) => `[::ffff:${groups(bytes)}]`,
  'IPv4-mapped, in full': (bytes) => `[0000:0000:0000:0000:0000:FFFF:${groups(bytes)}]`,
  'IPv4-compatible': (bytes) => `[::${bytes.join('.')}]`,
  'IPv4-translated (SIIT)': (bytes) => `[::ffff:0:${bytes.join('.')}]`,
  NAT64: (bytes) => `[64:ff9b::${bytes.join('.')}]`,
  'NAT64, local use': (bytes) => `[64:ff9b:1::${bytes.join('.')}]`,
  '6to4': (bytes) => `[2002:${groups(bytes)}::1]`,
  'Teredo, client': (bytes) => `[2001:0:808:808:0:0:${groups(bytes.map((byte) => byte ^ 255))}]`,
  'Teredo, server': (bytes) => `[2001:0:${groups(bytes)}::1]`,
  ISATAP: (bytes) => `[2a00:1450:4001:80b:0:5efe:${bytes.join('.')}]`,
  'ISATAP, universal': (bytes) => `[2a00:1450:4001:80b:200:5efe:${bytes.join('.')}]`,
}

const ipv4Addresses = {
  loopback: [127, 0, 0, 1],
  'loopback, another': [127, 255, 255, 254],
  unspecified: [0, 0, 0, 0],
  'private 10': [10, 0, 0, 1],
  'private 172': [172, 31, 255, 255],
  'private 192': [192, 168, 1, 1],
  metadata: [169, 254, 169, 254],
  'metadata of Alibaba': [100, 100, 100, 200],
  multicast: [224, 0, 0, 251],
  broadcast: [255, 255, 255, 255],
}

/** Hosts, and whole URLs where the trick is outside the host. */
const others = [
  '0',
  '0x',
  '00',
  '127.1',
  '127.0.1',
  '0x7f.1',
  '0177.1',
  '017700000001',
  '0x7f000001.',
  '①②⑦.⓪.⓪.①',
  '１２７。０．０。１',
  '%30x7f%2E1',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000::0001]',
  '[::0:1]',
  '[::0.0.0.1]',
  '[::127.0.0.1]',
  '[fe80::1]',
  '[fe80::1%eth0]',
  '[fe80::1%25eth0]',
  '[::1%25lo]',
  '[febf::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[FD00:EC2::254]',
  '[fd20:ce::254]',
  '[ff02::1]',
  '[ff0e::1]',
  '[100::1]',
  '[100:0:0:1::1]',
  '[2001:db8::1]',
  '[2001:2::1]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2001:30::1]',
  '[2001:3::1]',
  '[2001::1]',
  '[2001:1::1]',
  '[3fff::1]',
  '[3fff:fff::1]',
  '[5f00::1]',
  '[4000::1]',
  '[1fff::1]',
  '[2620:4f:8000::1]',
  '[64:ff9b::a9fe:a9fe]',
  '192.0.0.192',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.175.48.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '240.0.0.1',
  '168.63.129.16',
  '2822734096',
  'http:127.0.0.1',
  'http:/127.0.0.1',
  'http:///127.0.0.1',
  'http:\\\\127.0.0.1\\',
  '\u0001http://127.0.0.1/ ',
  'ht\ntp://127.0.0.1/',
  'http://@127.0.0.1/',
  'http://:@127.0.0.1/',
  'http://example.com@127.0.0.1/',
  'http://example.com:80@127.0.0.1/',
  'http://127.0.0.1#@example.com/',
  'http://127.0.0.1?@example.com/',
  'http://127.0.0.1\\@example.com/',
  'http://127.0.0.1:80\\@example.com:80/',
  'https://127.0.0.1:443/',
]

const hosts = [
  ...Object.entries(ipv4Addresses).flatMap(([address, bytes]) =>
    Object.entries(ipv4Notations).map(([notation, write]) => [`${address}, ${notation}`, write(bytes)] as const),
  ),
  ...others.map((form) => ['by hand', form] as const),
]
/** URLs whose host is no public address, each with the name of the form: none may ever be a destination. */
export const refusedUrls: readonly (readonly [name: string, url: string])[] = hosts.map(([name, form]) => [
  name,
  /^\W?ht/.test(form) ? form : `http://${form}/`,
])

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0)
}

function groups([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string {
  return [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':')
}

function percentEncoded(text: string): string {
  return text.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`)
}

function shifted(digit: string, zero: number): string {
  return String.fromCodePoint(zero + Number(digit))
}
