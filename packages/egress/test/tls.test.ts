import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { createEgressAgent, createEgressAgents, parseCertificates, parsePolicy, type Lookup } from '../src/index.ts'
import { certificate, startReceiver } from './receiver.ts'
import { failing, send } from './send.ts'

const policy = parsePolicy({ ALLOWED_NETWORKS: '127.0.0.1' })
const lookup: Lookup = async () => [{ address: '127.0.0.1' }]
const ca = certificate('authority')
const server = { cert: certificate('receiver'), key: certificate('receiver.key') }
const client = { cert: certificate('client'), key: certificate('client.key') }

describe('the receiver’s certificate', () => {
  test('must come from a trusted authority', async () => {
    await using receiver = await startReceiver({ tls: server })
    const agent = createEgressAgent({ policy, lookup })
    const { code } = await failing(send(agent, `https://receiver.test:${receiver.port}/`))
    expect(code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    expect(receiver.requests).toHaveLength(0)
    await agent.close()
  })

  test('may come from an authority of the deployment', async () => {
    await using receiver = await startReceiver({ tls: server })
    const agent = createEgressAgent({ policy, lookup, tls: { ca } })
    expect((await send(agent, `https://receiver.test:${receiver.port}/`)).status).toBe(200)
    await agent.close()
  })

  test('must be for the name in the URL, though the connection goes to a checked address', async () => {
    await using receiver = await startReceiver({ tls: server })
    const agent = createEgressAgent({ policy, lookup, tls: { ca } })
    const { code } = await failing(send(agent, `https://other.test:${receiver.port}/`))
    expect(code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(receiver.requests).toHaveLength(0)
    await agent.close()
  })

  test('is not verified by a Host header', async () => {
    await using receiver = await startReceiver({ tls: server })
    const agent = createEgressAgent({ policy, lookup, tls: { ca } })
    const { code } = await failing(send(agent, `https://other.test:${receiver.port}/`, { host: 'receiver.test' }))
    expect(code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    const sent = await send(agent, `https://receiver.test:${receiver.port}/`, { host: 'other.test' })
    expect(sent.status).toBe(200)
    await agent.close()
  })
})

test('a receiver cannot choose a key exchange whose cost is up to it', async () => {
  // Of IANA's TLS Cipher Suites, those with DHE and ciphers that OpenSSL has.
  const ephemeralDiffieHellman = [
    0x32, 0x33, 0x38, 0x39, 0x40, 0x67, 0x6a, 0x6b, 0x9e, 0x9f, 0xa2, 0xa3, 0xc052, 0xc053, 0xc056, 0xc057, 0xc09e,
    0xc09f, 0xc0a2, 0xc0a3, 0xccaa,
  ]
  const offered = Promise.withResolvers<number[]>()
  const listener = createServer((socket) => {
    socket.once('data', (hello) => {
      offered.resolve(suitesIn(hello as Buffer))
      socket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const agent = createEgressAgent({ policy, lookup })
  await failing(send(agent, `https://receiver.test:${(listener.address() as AddressInfo).port}/`))
  const suites = await offered.promise
  expect(suites).toEqual(expect.arrayContaining([0x1301, 0xc02f]))
  expect(suites.filter((suite) => ephemeralDiffieHellman.includes(suite))).toEqual([])
  await agent.close()
  listener.close()
})

/** What a ClientHello offers (RFC 8446, 4.1.2), behind the heads of record and message, version, random and session id. */
function suitesIn(hello: Buffer): number[] {
  const at = 44 + hello.readUInt8(43)
  return Array.from({ length: hello.readUInt16BE(at) / 2 }, (_, index) => hello.readUInt16BE(at + 2 + 2 * index))
}

// Else Node, which is the receiver here, would end it.
const renegotiate = async (socket: TLSSocket, times: number): Promise<void> => {
  Object.assign(tls, { CLIENT_RENEG_LIMIT: Infinity })
  for (let time = 0; time < times && !socket.destroyed; time++)
    await new Promise<void>((resolve) => void socket.renegotiate({}, () => resolve()))
}

test('a receiver that begins TLS anew again and again, which costs both sides the same, is left', async () => {
  await using receiver = await startReceiver({
    tls: { ...server, maxVersion: 'TLSv1.2' },
    respond: ({ socket }, response) => void renegotiate(socket as TLSSocket, 100).then(() => response.end()),
  })
  const agent = createEgressAgent({ policy, lookup, tls: { ca } })
  const { code, message } = await failing(send(agent, `https://receiver.test:${receiver.port}/`))
  expect([code, message]).toEqual(['invalid_response', 'The receiver begins TLS anew again and again.'])
  await agent.close()
})

test('a receiver that begins TLS anew for each request is not', async () => {
  await using receiver = await startReceiver({
    tls: { ...server, maxVersion: 'TLSv1.2' },
    respond: ({ socket }, response) => void renegotiate(socket as TLSSocket, 1).then(() => response.end()),
  })
  const agent = createEgressAgent({ policy, lookup, tls: { ca } })
  const { port } = receiver
  for (let sent = 0; sent < 40; sent++) expect((await send(agent, `https://receiver.test:${port}/`)).status).toBe(200)
  await agent.close()
})

test('a second connection goes on with what was agreed on for the first one', async () => {
  const resumed: boolean[] = []
  await using receiver = await startReceiver({
    tls: server,
    respond: ({ socket }, response) => {
      resumed.push((socket as TLSSocket).isSessionReused())
      response.setHeader('connection', 'close').end()
    },
  })
  const agent = createEgressAgent({ policy, lookup, tls: { ca } })
  for (let request = 0; request < 2; request++) await send(agent, `https://receiver.test:${receiver.port}/`)
  expect(resumed).toEqual([false, true])
  await agent.close()
})

describe('a client certificate', () => {
  const mutual = { ...server, ca, requestCert: true, rejectUnauthorized: true }
  const names = (requests: readonly { socket: unknown }[]) =>
    requests.map(({ socket }) => (socket as TLSSocket).getPeerCertificate().subject.CN)

  test('is shown to the receiver by its own agent, and by no other', async () => {
    await using receiver = await startReceiver({ tls: mutual })
    const url = `https://receiver.test:${receiver.port}/`
    const agents = createEgressAgents({ policy, lookup, tls: { ca } })
    expect((await send(agents.agentFor(client), url)).status).toBe(200)
    expect(names(receiver.requests)).toEqual(['jethook'])
    await failing(send(agents.standard, url))
    expect(receiver.requests).toHaveLength(1)
    await agents.close()
  })

  test('finds its agent and its open connection again, by its content', async () => {
    await using receiver = await startReceiver({ tls: mutual })
    const url = `https://receiver.test:${receiver.port}/`
    const agents = createEgressAgents({ policy, lookup, tls: { ca } })
    await send(agents.agentFor(client), url)
    expect((await send(agents.agentFor({ ...client }), url)).used?.reused).toBe(true)
    expect(agents.agentFor({ ...client, ca })).not.toBe(agents.agentFor(client))
    await agents.close()
  })

  test('of too many, the one not used for longest is closed, after its requests have ended', async () => {
    let answer = (): void => {}
    const asked = Promise.withResolvers<void>()
    await using receiver = await startReceiver({
      tls: mutual,
      respond: (_request, response) => {
        answer = () => response.end('late')
        asked.resolve()
      },
    })
    const certificates = [1, 2, 3].map((number) => ({ ...client, passphrase: String(number) }))
    const [first = client, second = client, third = client] = certificates
    const agents = createEgressAgents({ policy, lookup, tls: { ca }, maxAgents: 2 })

    const kept = agents.agentFor(first)
    const oldest = agents.agentFor(second)
    expect(agents.agentFor(first)).toBe(kept)
    const sent = send(oldest, `https://receiver.test:${receiver.port}/`)
    await asked.promise
    agents.agentFor(third)
    expect(agents.agentFor(first)).toBe(kept)
    expect(agents.agentFor(second)).not.toBe(oldest)

    answer()
    expect((await sent).body).toBe('late')
    await agents.close()
  })
})

test('a bundle of authorities is read one by one', () => {
  expect(parseCertificates(`# ours\n${ca}\n${certificate('receiver')}`)).toHaveLength(2)
  expect(() => parseCertificates('')).toThrow(
    'it holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----',
  )
  const broken = ca.replace(/\n[^-\n]{20}/, '\nbroken')
  expect(() => parseCertificates(ca + broken)).toThrow('certificate 2 of 2 cannot be read')
})
