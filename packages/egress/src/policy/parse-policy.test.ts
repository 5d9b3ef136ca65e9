import { describe, expect, test } from 'vitest'
import { defaultPorts, parsePolicy, parsePorts } from './parse-policy.ts'
import { parseProxy } from './parse-proxy.ts'

describe('a policy', () => {
  test('without settings allows no network but the public one, http and https, and the usual ports', () => {
    expect(parsePolicy({})).toEqual({
      allowedNetworks: [],
      deniedNetworks: [],
      allowedPorts: parsePorts(defaultPorts),
      httpsOnly: false,
    })
  })

  test('takes networks of both families, and single addresses', () => {
    const { allowedNetworks } = parsePolicy({ ALLOWED_NETWORKS: '127.0.0.0/8, ::1/128,192.168.1.7,FD00:0::/32,' })
    expect(allowedNetworks.map(({ cidr }) => cidr)).toEqual(['127.0.0.0/8', '::1/128', '192.168.1.7/32', 'fd00::/32'])
  })

  test.each([
    ['10.0.0.0/33', '"10.0.0.0/33" must end in a prefix length from /0 to /32'],
    ['::/129', '"::/129" must end in a prefix length from /0 to /128'],
    ['10.0.0.0/', '"10.0.0.0/" must end in a prefix length from /0 to /32'],
    ['10.0.0.0/8/8', '"10.0.0.0/8/8" is not a network like 10.0.0.0/8 or fd00::/8, nor an IP address'],
    ['10/8', '"10/8" is not a network like 10.0.0.0/8 or fd00::/8, nor an IP address'],
    ['127.1', '"127.1" is not a network like 10.0.0.0/8 or fd00::/8, nor an IP address'],
    ['fe80::%eth0/64', '"fe80::%eth0/64" is not a network like 10.0.0.0/8 or fd00::/8, nor an IP address'],
    ['127.0.0.1,intranet', '"intranet" is not a network like 10.0.0.0/8 or fd00::/8, nor an IP address'],
  ])('says what is wrong with the networks "%s"', (networks, problem) => {
    expect(() => parsePolicy({ ALLOWED_NETWORKS: networks })).toThrow(`ALLOWED_NETWORKS is not usable: ${problem}.`)
    expect(() => parsePolicy({ DENIED_NETWORKS: networks })).toThrow(`DENIED_NETWORKS is not usable: ${problem}.`)
  })

  test.each(['0', '65536', '80-', '-80', '90-80', 'http', '1e3', '80 443'])('says that "%s" is no port', (ports) => {
    expect(() => parsePolicy({ ALLOWED_PORTS: ports })).toThrow(
      `ALLOWED_PORTS is not usable: "${ports}" is neither a port from 1 to 65535 nor a range like 1024-65535.`,
    )
  })

  test('needs at least one port', () => {
    expect(() => parsePolicy({ ALLOWED_PORTS: '' })).toThrow(
      'ALLOWED_PORTS is not usable: it must name at least one port',
    )
  })
})

test('a proxy is given by an http URL without a path', () => {
  expect(parseProxy('http://user:secret@proxy.example:3128').host).toBe('proxy.example:3128')
  for (const text of [
    'proxy.example:3128',
    'socks5://proxy.example',
    'https://proxy.example',
    'http://proxy.example/path',
    '',
  ])
    expect(() => parseProxy(text)).toThrow('it must be the http URL of a proxy, like http://proxy.example:3128')
})

test('a proxy whose password cannot be decoded is refused at the start, not with the first request', () => {
  expect(() => parseProxy('http://user:50%off@proxy.example')).toThrow('must be percent-encoded')
})
