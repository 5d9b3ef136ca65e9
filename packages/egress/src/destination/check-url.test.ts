import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../policy/parse-policy.ts'
import { checkUrl } from './check-url.ts'

const policy = parsePolicy({})
const check = (url: string) => checkUrl(url, policy)

describe('a URL passes', () => {
  test.each([
    'https://example.com/webhooks',
    'http://example.com/',
    'https://hooks.example.com:8443/a?b=c',
    'https://EXAMPLE.com.',
    'https://bücher.example/',
    'https://xn--bcher-kva.example/',
    'https://my_service.example.com/',
    'https://localhost.example.com/',
    'https://internal.example.com/',
    'https://notlocalhost.com/',
    'https://8.8.8.8/',
    'https://134744072/',
    'https://0x08080808/',
    'https://010.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://[2606:4700:4700:0:0:0:0:1111]:8443/',
    'https://example.com:1024/',
    'https://example.com:65535/',
    'http://example.com:443/',
    'https://example.com:80/',
  ])('%s', (url) => {
    expect(check(url)).toBeUndefined()
  })
})

describe('a URL is refused', () => {
  test.each([
    ['not a URL', 'destination_invalid'],
    ['/webhooks', 'destination_invalid'],
    ['https://', 'destination_invalid'],
    ['https://a..b/', 'destination_invalid'],
    ['https://127.0.0.1../', 'destination_invalid'],
    ['https://exam$ple.com/', 'destination_invalid'],
    [`https://${'a'.repeat(64)}.com/`, 'destination_invalid'],
    [`https://${'a.'.repeat(130)}com/`, 'destination_invalid'],
    ['ftp://example.com/', 'destination_scheme_forbidden'],
    ['file:///etc/passwd', 'destination_scheme_forbidden'],
    ['gopher://example.com/', 'destination_scheme_forbidden'],
    ['unix:///var/run/docker.sock', 'destination_scheme_forbidden'],
    ['https://user@example.com/', 'destination_credentials'],
    ['https://:secret@example.com/', 'destination_credentials'],
    ['https://example.com@127.0.0.1/', 'destination_credentials'],
    ['https://example.com:22/', 'destination_port_forbidden'],
    ['https://example.com:25/', 'destination_port_forbidden'],
    ['https://example.com:0/', 'destination_port_forbidden'],
    ['https://example.com:1023/', 'destination_port_forbidden'],
    ['https://localhost/', 'destination_not_public'],
    ['https://LOCALHOST./', 'destination_not_public'],
    ['https://ⓛocalhost/', 'destination_not_public'],
    ['https://a.localhost/', 'destination_not_public'],
    ['https://printer.local/', 'destination_not_public'],
    ['https://metadata.google.internal/', 'destination_not_public'],
    ['https://nas.home.arpa/', 'destination_not_public'],
    ['https://kubernetes/', 'destination_not_public'],
    ['https://127.0.0.1/', 'destination_not_public'],
    ['https://[::1]/', 'destination_not_public'],
  ])('%s: %s', (url, code) => {
    expect(check(url)?.code).toBe(code)
  })

  test('with a sentence that names what is wrong', () => {
    expect(check('https://10.1.2.3/')?.message).toBe(
      '10.1.2.3 is not a permitted destination (10.0.0.0/8: private use, RFC 1918).',
    )
    expect(check('https://a.local/')?.message).toBe('a.local is not a public host: local is for names inside networks.')
    expect(check('https://example.com:25/')?.message).toBe('Port 25 is not among the ports that requests may go to.')
    expect(check('ftp://example.com/')?.message).toBe('The scheme must be http or https, not ftp.')
  })
})

describe('the policy of a deployment', () => {
  test('may insist on https', () => {
    const httpsOnly = parsePolicy({ HTTPS_ONLY: true })
    expect(checkUrl('http://example.com/', httpsOnly)?.code).toBe('destination_scheme_forbidden')
    expect(checkUrl('https://example.com/', httpsOnly)).toBeUndefined()
  })

  test('may allow other ports', () => {
    const ports = parsePolicy({ ALLOWED_PORTS: '443,8000-8002' })
    expect(checkUrl('https://example.com:8002/', ports)).toBeUndefined()
    expect(checkUrl('https://example.com:8003/', ports)?.code).toBe('destination_port_forbidden')
    expect(checkUrl('http://example.com/', ports)?.code).toBe('destination_port_forbidden')
  })

  test('may allow a network; then the addresses behind internal names decide, when they are resolved', () => {
    const private10 = parsePolicy({ ALLOWED_NETWORKS: '10.0.0.0/8' })
    expect(checkUrl('http://10.1.2.3/', private10)).toBeUndefined()
    expect(checkUrl('http://receiver.internal/', private10)).toBeUndefined()
    expect(checkUrl('http://receiver/', private10)).toBeUndefined()
    expect(checkUrl('http://127.0.0.1/', private10)?.code).toBe('destination_not_public')
  })
})
