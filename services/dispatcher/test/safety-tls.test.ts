import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createAuthority,
  selfSigned,
  startDnsServer,
  type Certificate,
  type DnsServer,
} from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture, type Seal } from './fixture.ts'
import { flood, say, startRawReceiver } from './raw-receiver.ts'

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
  expect(spoken.error).toEqual({ code: 'tls_failure', message: 'TLS failed: wrong version number.' })
  expect(hung).toMatchObject({ error: { code: 'connect_timeout' }, connection: { address: '127.0.0.1' } })
  await Promise.all([plain.close(), silent.close()])
})

test.each<[string, (socket: Socket) => void]>([
  ['resets the connection', (socket) => socket.resetAndDestroy()],
  ['closes the connection', (socket) => socket.end()],
])('a receiver that %s during the handshake got nothing: that is a failure of TLS', async (_what, onRequest) => {
  const receiver = await startRawReceiver({ onRequest })
  const { error } = await fixture.attempt({ url: receiver.url.replace('http', 'https') })
  expect(error).toEqual({
    code: 'tls_failure',
    message: 'TLS failed: the receiver ended the connection during the handshake.',
  })
  await receiver.close()
})

const mutual = () => ({
  ...trusted.issue({ name: 'receiver', hosts }),
  ca: clients.cert,
  requestCert: true,
  rejectUnauthorized: true,
})

const showing =
  ({ cert, key }: Certificate): Seal =>
  (seal) => ({ clientCertificate: { certificate: cert, key: seal(key), subject: '', fingerprint: '', expiresAt: 0 } })

test('a client certificate is shown to the receiver by its own subscription, and by no other', async () => {
  const { port } = await tlsReceiver(mutual())
  const url = `https://receiver.test:${port}/`
  const [first, second, none] = await Promise.all([
    fixture.attempt({ url }, showing(clients.issue({ name: 'first' }))),
    fixture.attempt({ url }, showing(clients.issue({ name: 'second' }))),
    fixture.attempt({ url }),
  ])
  expect(first.response?.body).toBe('first')
  expect(second.response?.body).toBe('second')
  expect(none).toMatchObject({ response: null, error: { code: 'tls_client_certificate_required' } })
})

test.each([
  ['has expired since it was entered', clients.issue({ name: 'late', days: -1 })],
  ['comes from another authority', unknown.issue({ name: 'stranger' })],
])('a client certificate that %s is refused by the receiver, and nothing is delivered', async (_what, certificate) => {
  const { port, requests } = await tlsReceiver(mutual())
  const attempt = await fixture.attempt({ url: `https://receiver.test:${port}/` }, showing(certificate))
  expect(attempt).toMatchObject({ response: null, error: { code: 'connection_closed' } })
  expect(requests()).toBe(0)
})

// The API refuses these. They must not keep others from being delivered, should one be there all the same.
test.each([
  ['has a key that is too short for TLS', clients.issue({ name: 'short', rsaBits: 1_024 })],
  ['has the key of another', { ...clients.issue({ name: 'one' }), key: clients.issue({ name: 'other' }).key }],
  ['is none', { cert: 'nothing', key: 'nothing' }],
])('a client certificate that %s fails attempts, as anything else about an endpoint', async (_what, certificate) => {
  const { port } = await tlsReceiver(mutual())
  const attempt = await fixture.attempt({ url: `https://receiver.test:${port}/` }, showing(certificate))
  expect(attempt).toMatchObject({ response: null, error: { code: 'client_certificate_unusable' } })
  expect(JSON.stringify(attempt)).not.toContain('PRIVATE')
})

test('a receiver that speaks nothing but HTTP/2 is told apart; one that speaks both is delivered to', async () => {
  const only = createSecureServer(trusted.issue({ name: 'receiver', hosts }))
  const both = createSecureServer({ ...trusted.issue({ name: 'receiver', hosts }), allowHTTP1: true }, (_, response) =>
    response.end(),
  )
  const attempts = await Promise.all(
    [only, both].map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return fixture.attempt({ url: `https://receiver.test:${(server.address() as AddressInfo).port}/` })
    }),
  )
  expect(attempts).toMatchObject([
    { error: { code: 'tls_failure', message: 'TLS failed: tlsv1 alert no application protocol.' } },
    { response: { status: 200 } },
  ])
  await Promise.all([only, both].map((server) => new Promise((resolve) => server.close(resolve))))
})

test('over TLS, too, an answer without an end is not read for ever', async () => {
  const flooding = flood('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', 'x'.repeat(50_000))
  const server = createTlsServer(trusted.issue({ name: 'receiver', hosts }), (socket) => {
    socket.on('error', () => socket.destroy()).on('data', () => flooding(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const attempt = await fixture.attempt({ url: `https://receiver.test:${port}/` })
  expect(attempt.error?.code).toBe('invalid_response')
  await new Promise((resolve) => server.close(resolve))
})
