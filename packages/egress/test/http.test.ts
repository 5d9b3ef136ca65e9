import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { createEgressAgent, parsePolicy } from '../src/index.ts'
import { waitFor } from '../../../test/infrastructure/wait-for.ts'
import { failing, send } from './send.ts'

const policy = parsePolicy({ ALLOWED_NETWORKS: '127.0.0.1' })
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

let stop = (): void => {}
afterEach(() => stop())

/** What it got, as it came; `answer` is called with each request, of which it is told how many there were before. */
async function startServer(answer: (socket: Socket, before: number) => void) {
  const requests: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    let text = ''
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const [, head = '', length] = /^([^]*?content-length: (\d+)\r\n\r\n)/.exec(text) ?? []
      if (head === '' || text.length < head.length + Number(length)) return
      requests.push(text)
      text = ''
      answer(socket, requests.length - 1)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stop = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`, requests, sockets }
}

test('a request is on the wire what it was asked to be', async () => {
  const server = await startServer((socket) => socket.write(ok))
  const agent = createEgressAgent({ policy })
  await send(agent, server.url, { 'content-type': 'application/json', 'x-latin': '\xfc', 'x-empty': '' })
  const { host } = new URL(server.url)
  expect(server.requests).toEqual([
    `POST /a?b=c HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\ncontent-type: application/json\r\nx-latin: \xfc\r\nx-empty: \r\n` +
      'content-length: 2\r\n\r\n{}',
  ])
  await agent.close()
})

test('a Host of its own takes the place of that in the URL; how the message is framed is not up to headers', async () => {
  const server = await startServer((socket) => socket.write(ok))
  const agent = createEgressAgent({ policy })
  const framing = { connection: 'close', 'content-length': '7', 'transfer-encoding': 'chunked' }
  await send(agent, server.url, { host: 'other.example', ...framing })
  expect(server.requests).toEqual([
    'POST /a?b=c HTTP/1.1\r\nhost: other.example\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}',
  ])
  await agent.close()
})

test.each([
  ['a line end', { a: 'b\r\nc: d' }],
  ['a line feed', { a: 'b\nc: d' }],
  ['what is cut to a line feed', { a: 'b\u{10a}c: d' }],
  ['a NUL', { a: 'b\0' }],
  ['a line end in Host', { host: 'a\r\nb: c' }],
  ['a name with a line end', { 'a\r\nb': 'c' }],
  ['a name with a colon', { 'a:b': 'c' }],
  ['a capital letter', { 'Content-Length': '7' }],
  ['no name', { '': 'c' }],
])('%s in a header is never sent', async (_what, headers) => {
  const server = await startServer((socket) => socket.write(ok))
  const agent = createEgressAgent({ policy })
  expect((await failing(send(agent, server.url, headers as Record<string, string>))).message).toContain(
    'holds a character that it must not',
  )
  await agent.close()
  expect(server.requests).toEqual([])
})

test('bodies of all sizes arrive as they are', async () => {
  const server = await startServer((socket) => socket.write(ok))
  const agent = createEgressAgent({ policy })
  const { origin } = new URL(server.url)
  const bodies = [0, 1, 16_384, 16_385, 1_000_000].map((length) => Buffer.alloc(length, 'abc'))
  for (const body of bodies)
    await new Promise<void>((resolve, reject) => {
      agent.post(
        { origin, path: '/', headers: {}, body },
        { onHead() {}, onBody() {}, onEnd: resolve, onError: reject },
      )
    })
  expect(server.requests.map((text) => text.slice(text.indexOf('\r\n\r\n') + 4))).toEqual(bodies.map(String))
  await agent.close()
})

test('what a receiver sends without having been asked is no answer to the next request: its connection is closed', async () => {
  const server = await startServer((socket) => socket.write(ok))
  const agent = createEgressAgent({ policy })
  await send(agent, server.url)
  server.sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged')
  await waitFor(() => agent.connections === 0, { what: 'the connection to be closed' })
  expect(await send(agent, server.url)).toMatchObject({ body: 'ok', used: { reused: false } })
  await agent.close()
})

test.each([
  ['more than its response', `${ok}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`],
  ['that it closes', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
  [
    'that it keeps the connection for a second at most',
    'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok',
  ],
  ['a response of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
])('after %s a connection is not used again', async (_what, response) => {
  const server = await startServer((socket, before) => socket.write(before === 0 ? response : ok))
  const agent = createEgressAgent({ policy })
  await send(agent, server.url)
  expect(await send(agent, server.url)).toMatchObject({ body: 'ok', used: { reused: false } })
  await agent.close()
})

test('a connection that is idle for too long is closed', async () => {
  const server = await startServer((socket) => socket.write(ok))
  const agent = createEgressAgent({ policy, keepAliveMs: 1 })
  await send(agent, server.url)
  await waitFor(() => agent.connections === 0, { what: 'the connection to be closed' })
  await agent.close()
})

test('a request that meets a connection just when it is closed goes out again, over a new one, and only once', async () => {
  // Reads the second request and closes, as one whose time for keeping it was over.
  const server = await startServer((socket, before) => (before === 0 ? socket.write(ok) : socket.destroy()))
  const agent = createEgressAgent({ policy })
  await send(agent, server.url)
  expect(await failing(send(agent, server.url))).toMatchObject({ code: 'connection_closed', used: { reused: false } })
  expect(server.requests).toHaveLength(3)
  await agent.close()
})

test('one that was answered in part does not go out again', async () => {
  const server = await startServer((socket, before) => (before === 0 ? socket.write(ok) : socket.end('HTTP/1.1 200')))
  const agent = createEgressAgent({ policy })
  await send(agent, server.url)
  expect(await failing(send(agent, server.url))).toMatchObject({ code: 'connection_closed', used: { reused: true } })
  expect(server.requests).toHaveLength(2)
  await agent.close()
})

test('a response without a length is complete also when the connection is reset behind it', async () => {
  const server = await startServer((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nok'))
  const agent = createEgressAgent({ policy })
  const { origin } = new URL(server.url)
  await new Promise<void>((resolve, reject) => {
    const onBody = (): void => void server.sockets[0]?.resetAndDestroy()
    const request = { origin, path: '/', headers: {}, body: Buffer.from('{}') }
    agent.post(request, { onHead() {}, onBody, onEnd: resolve, onError: reject })
  })
  await agent.close()
})

test('a request that meets nothing but expired connections belongs to the agent like any other', async () => {
  const answers: (() => void)[] = []
  const server = await startServer((socket, before) => {
    if (before === 0) socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok')
    else answers.push(() => socket.write(ok))
  })
  const now = vi.spyOn(performance, 'now')
  const agent = createEgressAgent({ policy })
  await send(agent, server.url)
  now.mockReturnValue(performance.now() + 1_500)
  const sent = send(agent, server.url)
  now.mockRestore()
  await waitFor(() => answers.length === 1, { what: 'the second request' })
  expect(agent.connections).toBe(1)
  let isClosed = false
  const closed = Promise.all([agent.close(), agent.close()]).then(() => (isClosed = true))
  await setImmediate()
  expect(isClosed).toBe(false)
  answers[0]?.()
  expect((await sent).used?.reused).toBe(false)
  await closed
})

test('an agent that is closed waits for the requests that are under way', async () => {
  let answer = (): void => {}
  const asked = Promise.withResolvers<void>()
  const server = await startServer((socket) => {
    answer = () => socket.write(ok)
    asked.resolve()
  })
  const agent = createEgressAgent({ policy })
  const sent = send(agent, server.url)
  await asked.promise
  const closed = agent.close()
  answer()
  expect((await sent).body).toBe('ok')
  await closed
  expect(agent.connections).toBe(0)
})
