import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority, selfSigned, startDnsServer, type DnsServer } from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture } from './fixture.ts'
import { say, startRawReceiver } from './raw-receiver.ts'

const trusted = createAuthority('Authority of the deployment')
const unknown = createAuthority('Some other authority')
const clients = createAuthority('Authority of the clients')
const hosts = ['receiver.test', '127.0.0.1']

let fixture: Fixture
let dns: DnsServer
const folder = mkdtempSync(join(tmpdir(), 'jethook-test-'))
const servers: Server[] = []

beforeAll(async () => {
  const file = join(folder, 'authorities.pem')
  writeFileSync(file, trusted.cert)
  fixture = await startFixture()
  dns = await startDnsServer(() => ['127.0.0.1'])
  await fixture.startDispatcher({ EGRESS_CA_FILE: file, DNS_SERVERS: dns.address })
})
afterAll(async () => {
  await fixture?.stop()
  await dns?.[Symbol.asyncDispose]()
  for (const server of servers) server.closeAllConnections()
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  rmSync(folder, { recursive: true })
})

/** Answers with the name in the client's certificate. */
async function tlsReceiver(options: object): Promise<{ port: number; requests: () => number }> {
  let requests = 0
  const server = createServer(options, (request, response) => {
    requests++
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    request.resume().on('end', () => response.end(String(subject?.CN)))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, requests: () => requests }
}

test('a certificate of an authority of the deployment is good, for the name and for the address', async () => {
  const { port } = await tlsReceiver(trusted.issue({ name: 'receiver', hosts }))
  for (const host of hosts) {
    const attempt = await fixture.attempt({ url: `https://${host}:${port}/` })
    expect(attempt.response?.status).toBe(200)
    expect(attempt.connection).toMatchObject({
      address: '127.0.0.1',
      reused: false,
      connectMs: expect.any(Number),
      tlsMs: expect.any(Number),
      firstByteMs: expect.any(Number),
    })
  }
})

test.each([
  ['has expired', trusted.issue({ name: 'receiver', hosts, days: -1 }), 'tls_certificate_expired'],
  ['is for another host', trusted.issue({ name: 'other', hosts: ['other.test'] }), 'tls_certificate_wrong_host'],
  ['is signed by itself', selfSigned({ name: 'receiver', hosts }), 'tls_certificate_self_signed'],
  ['comes from an unknown authority', unknown.issue({ name: 'receiver', hosts }), 'tls_certificate_untrusted'],
])('a certificate that %s is an error of its own, and nothing is sent', async (_what, certificate, code) => {
  const { port, requests } = await tlsReceiver(certificate)
  const attempt = await fixture.attempt({ url: `https://receiver.test:${port}/` })
  expect(attempt).toMatchObject({ response: null, error: { code } })
  expect(requests()).toBe(0)
})

test('what does not speak TLS, and a handshake that is never answered, are errors of their own', async () => {
  const plain = await startRawReceiver({ onRequest: say('HTTP/1.1 400 Bad Request\r\n\r\n') })
  const silent = await startRawReceiver({})
  const [spoken, hung] = await Promise.all([
    fixture.attempt({ url: plain.url.replace('http', 'https') }),
    fixture.attempt({ url: silent.url.replace('http', 'https'), timeoutMs: 1_000 }),
  ])
  expect(spoken.error?.code).toBe('tls_failure')
  expect(hung).toMatchObject({ error: { code: 'connect_timeout' }, connection: { address: '127.0.0.1' } })
  await Promise.all([plain.close(), silent.close()])
})

test('a client certificate is shown to the receiver by its own subscription, and by no other', async () => {
  const { port } = await tlsReceiver({
    ...trusted.issue({ name: 'receiver', hosts }),
    ca: clients.cert,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const url = `https://receiver.test:${port}/`
  const withCertificate = (name: string) => {
    const { cert, key } = clients.issue({ name })
    return fixture.attempt({ url }, (seal) => ({
      clientCertificate: { certificate: cert, key: seal(key), subject: '', fingerprint: '', expiresAt: 0 },
    }))
  }
  const [first, second, none] = await Promise.all([
    withCertificate('first'),
    withCertificate('second'),
    fixture.attempt({ url }),
  ])
  expect(first.response?.body).toBe('first')
  expect(second.response?.body).toBe('second')
  // Servers of Node close without a word; others say what they miss.
  expect(none).toMatchObject({ response: null, error: { code: 'connection_closed' } })
})
