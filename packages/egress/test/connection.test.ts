import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import {
  connect,
  createServer,
  getDefaultAutoSelectFamilyAttemptTimeout,
  type AddressInfo,
  type Socket,
} from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { createEgressAgent, createEgressAgents, parsePolicy, type PendingRequest } from '../src/index.ts'
import { startDnsServer } from '../../../test/infrastructure/dns-server.ts'
import { waitFor } from '../../../test/infrastructure/wait-for.ts'
import { certificate, startReceiver } from './receiver.ts'
import { failing, send } from './send.ts'

const policy = parsePolicy({ ALLOWED_NETWORKS: '127.0.0.0/8' })

test('a request that opened a connection knows its address and what resolving and connecting took', async () => {
  await using receiver = await startReceiver()
  await using dns = await startDnsServer(() => ['127.0.0.1'])
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  const { used } = await send(agent, `http://receiver.test:${receiver.port}/`)
  expect(used).toEqual({
    address: '127.0.0.1',
    reused: false,
    dnsMs: expect.any(Number),
    connectMs: expect.any(Number),
    tlsMs: null,
  })
  await agent.close()
})

test('one that found an open connection knows its address, and that it took nothing', async () => {
  await using receiver = await startReceiver()
  const agent = createEgressAgent({ policy })
  await send(agent, `http://127.0.0.1:${receiver.port}/`)
  const { used } = await send(agent, `http://127.0.0.1:${receiver.port}/`)
  expect(used).toEqual({ address: '127.0.0.1', reused: true, dnsMs: null, connectMs: null, tlsMs: null })
  await agent.close()
})

test('each of many at the same time knows its own connection', async () => {
  await using receiver = await startReceiver()
  const agent = createEgressAgent({ policy })
  const url = `http://127.0.0.1:${receiver.port}/`
  const round = async () =>
    (await Promise.all(Array.from({ length: 10 }, () => send(agent, url)))).map(({ used }) => used)
  expect((await round()).map((used) => used?.reused)).toEqual(Array(10).fill(false))
  expect((await round()).map((used) => used?.reused)).toEqual(Array(10).fill(true))
  expect(receiver.connections).toBe(10)
  await agent.close()
})

test('over TLS the handshake is told apart, for names and for addresses', async () => {
  await using receiver = await startReceiver({
    tls: { cert: certificate('receiver'), key: certificate('receiver.key') },
  })
  await using dns = await startDnsServer(() => ['127.0.0.1'])
  const agent = createEgressAgent({ policy, lookup: dns.lookup, tls: { ca: certificate('authority') } })
  const times = { address: '127.0.0.1', reused: false, connectMs: expect.any(Number), tlsMs: expect.any(Number) }
  const byName = await send(agent, `https://receiver.test:${receiver.port}/`)
  expect(byName.used).toEqual({ ...times, dnsMs: expect.any(Number) })
  const byAddress = await send(agent, `https://127.0.0.1:${receiver.port}/`)
  expect(byAddress.used).toEqual({ ...times, dnsMs: null })
  await agent.close()
})

test('a request whose connection failed knows which address was tried', async () => {
  const receiver = await startReceiver()
  const { port } = receiver
  await receiver[Symbol.asyncDispose]()
  await using dns = await startDnsServer(() => ['127.0.0.1'])
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  const { used, code } = await failing(send(agent, `http://receiver.test:${port}/`))
  expect(code).toBe('ECONNREFUSED')
  expect(used).toEqual({
    address: '127.0.0.1',
    reused: false,
    dnsMs: expect.any(Number),
    connectMs: expect.any(Number),
    tlsMs: null,
    unfinished: 'connect',
  })
  await agent.close()
})

test('an address whose answer is late is not given up for another one, where nothing listens', async () => {
  await using receiver = await startReceiver()
  // Nothing listens at the second one.
  await using dns = await startDnsServer(() => ['127.0.0.1', '127.0.0.2'])
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  // As if the receiver were far away: Node would go on to the next address before it hears of its answer.
  const pause = () =>
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, getDefaultAutoSelectFamilyAttemptTimeout() + 100)
  const delay = (message: unknown): void =>
    void (message as { socket: Socket }).socket.once('connectionAttempt', () => process.nextTick(pause))
  subscribe('net.client.socket', delay)
  try {
    const { status, used } = await send(agent, `http://receiver.test:${receiver.port}/`)
    expect(status).toBe(200)
    expect(used?.address).toBe('127.0.0.1')
  } finally {
    unsubscribe('net.client.socket', delay)
    await agent.close()
  }
})

/** Listens without ever accepting: once its queue is full, who connects hears nothing. */
async function startSilent(host: string, port: number): Promise<AsyncDisposable & { host: string }> {
  const listening = `const { parentPort, workerData } = require('node:worker_threads')
    require('node:net').createServer().listen({ ...workerData, backlog: 1 }, () => {
      parentPort.postMessage('listening')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(listening, { eval: true, workerData: { host, port } })
  await once(worker, 'message')
  const filling = Array.from({ length: 4 }, () => connect({ host, port }).on('error', () => undefined))
  await Promise.all(filling.slice(0, 2).map((socket) => once(socket, 'connect')))
  return {
    host,
    async [Symbol.asyncDispose]() {
      for (const socket of filling) socket.destroy()
      await worker.terminate()
    },
  }
}

test('whoever waits for a second only is connected to the next address in time, too', async () => {
  await using receiver = await startReceiver()
  await using silent = await startSilent('127.0.0.2', receiver.port)
  await using dns = await startDnsServer(() => [silent.host, '127.0.0.1'])
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  const { used } = await send(agent, `http://receiver.test:${receiver.port}/`, {}, undefined, 1_000)
  expect(used?.address).toBe('127.0.0.1')
  // So long each address has of those who can wait.
  expect(used?.connectMs).toBeLessThan(1_500)
  await agent.close()
})

test('a refused request knows how long resolving took, and has no address', async () => {
  await using dns = await startDnsServer(() => ['10.0.0.1'])
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  const { used } = await failing(send(agent, 'http://receiver.test/'))
  expect(used).toEqual({
    address: null,
    reused: false,
    dnsMs: expect.any(Number),
    connectMs: null,
    tlsMs: null,
    unfinished: 'dns',
  })
  await agent.close()
})

test('a connection that is closed is replaced by a new one, which is not counted as reused', async () => {
  await using receiver = await startReceiver()
  const agent = createEgressAgent({ policy })
  const url = `http://127.0.0.1:${receiver.port}/`
  await send(agent, url)
  receiver.server.closeAllConnections()
  await waitFor(() => agent.connections === 0, { what: 'the connection to be closed' })
  expect((await send(agent, url)).used?.reused).toBe(false)
  await agent.close()
})

test('what is open is bounded: idle connections make room, the one that was used longest ago first', async () => {
  const receivers = await Promise.all(Array.from({ length: 6 }, () => startReceiver()))
  const agents = createEgressAgents({ policy, maxConnections: 4 })
  const sendTo = (index: number) => send(agents.standard, `http://127.0.0.1:${receivers[index]?.port}/`)
  const reused = async (index: number) => (await sendTo(index)).used?.reused
  for (const index of [0, 1, 2, 3, 0, 4]) await sendTo(index)
  await sendTo(5)
  expect(agents.standard.connections).toBe(4)
  expect([await reused(0), await reused(5)]).toEqual([true, true])
  expect(await reused(1)).toBe(false)
  await agents.close()
  await Promise.all(receivers.map((receiver) => receiver[Symbol.asyncDispose]()))
})

test('connections that are in use are left alone, however many', async () => {
  const answers: (() => void)[] = []
  await using receiver = await startReceiver({ respond: (_request, response) => answers.push(() => response.end()) })
  const agents = createEgressAgents({ policy, maxConnections: 2 })
  const url = `http://127.0.0.1:${receiver.port}/`
  const sent = Promise.all(Array.from({ length: 8 }, () => send(agents.standard, url)))
  while (answers.length < 8) await once(receiver.server, 'request')
  for (const answer of answers) answer()
  expect((await sent).map(({ status }) => status)).toEqual(Array(8).fill(200))
  await agents.close()
})

test('a request that is abandoned leaves no connection behind that is still being made', async () => {
  // A handshake that is never answered.
  const server = createServer((socket) => void socket.on('error', () => socket.destroy()).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = createEgressAgent({ policy })
  const accepted = once(server, 'connection')
  const { port } = server.address() as AddressInfo
  const begun = Promise.withResolvers<PendingRequest>()
  void send(agent, `https://127.0.0.1:${port}/`, {}, begun.resolve)
  const [socket] = await accepted
  ;(await begun.promise).abort(new Error('waited long enough'))
  await once(socket, 'close')
  server.close()
  await agent.close()
})
