import { gzipSync } from 'node:zlib'
import type { Attempt } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture } from './fixture.ts'
import {
  flood,
  say,
  sayAndClose,
  startRawReceiver,
  takeSlowly,
  trickle,
  type Behaviour,
  type RawReceiver,
} from './raw-receiver.ts'

const timeoutMs = 3_000

interface Case extends Behaviour {
  /** The error's code, or the status of what was delivered. Only `timeout` takes as long as the deadline. */
  readonly result: string | number
  readonly body?: string
  /** What is sent to it. */
  readonly payload?: string
}

/** More than the buffers of two sockets hold at first: the rest waits for a receiver that takes it. */
const large = JSON.stringify({ filler: 'x'.repeat(950_000) })

const ok = 'HTTP/1.1 200 OK\r\n'
const timeout = { result: 'timeout' } as const
const invalid = { result: 'invalid_response' } as const
const closed = { result: 'connection_closed' } as const
const delivered = { result: 200 } as const
const bomb = gzipSync(Buffer.alloc(50_000_000))

const cases: Record<string, Case> = {
  'accepts and says nothing': timeout,
  'never reads the request': { ...timeout, onConnection: (socket) => socket.pause() },
  'takes none of a large request': { ...timeout, onConnection: (socket) => socket.pause(), payload: large },
  'takes a large request slowly': { ...timeout, onConnection: takeSlowly, payload: large },
  'answers a large request before it has it, and takes no more': {
    result: 413,
    onConnection: (socket) => {
      socket.pause()
      say('HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')(socket)
    },
    payload: large,
  },
  'trickles the status line': { ...timeout, onRequest: trickle('HT', 'T'), result: 'invalid_response' },
  'trickles headers': { ...timeout, onRequest: trickle(ok, 'X-More: and more\r\n') },
  'trickles one header': { ...timeout, onRequest: trickle(`${ok}X-Long: `, 'x') },
  'trickles the body': { ...timeout, onRequest: trickle(`${ok}Content-Length: 100000\r\n\r\n`, 'x') },
  'trickles chunks': { ...timeout, onRequest: trickle(`${ok}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n') },
  'promises more than it sends, and waits': { ...timeout, onRequest: say(`${ok}Content-Length: 10\r\n\r\nfour`) },
  'stops in the middle of its headers': { ...timeout, onRequest: say(`${ok}X-Never-`) },

  'floods headers': { ...invalid, onRequest: flood(ok, `X-Flood: ${'x'.repeat(500)}\r\n`) },
  'floods one header': { ...invalid, onRequest: flood(`${ok}X-Flood: `, 'x'.repeat(5_000)) },
  'floods trailers': {
    ...invalid,
    onRequest: flood(`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`, `X-Flood: ${'x'.repeat(500)}\r\n`),
  },
  // More than 16 KiB is refused; so many in less would each cost memory for as long as nothing follows.
  'sends a thousand tiny headers, and waits': { ...invalid, onRequest: say(`${ok}${'a:\r\n'.repeat(1_000)}`) },
  'answers with a thousand tiny headers': {
    ...invalid,
    onRequest: say(`${ok}${'a:\r\n'.repeat(1_000)}Content-Length: 2\r\n\r\nok`),
  },
  'sends a thousand tiny trailers, and waits': {
    ...invalid,
    onRequest: say(`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n${'a:\r\n'.repeat(1_000)}`),
  },
  'names headers like what every object has': {
    ...delivered,
    onRequest: say(`${ok}__proto__: a\r\nconstructor: b\r\nconstructor: c\r\nContent-Length: 2\r\n\r\nok`),
    body: 'ok',
  },
  'floods empty lines': { ...invalid, onRequest: flood('', '\r\n'.repeat(30_000)) },
  'floods its reason phrase': { ...invalid, onRequest: flood('HTTP/1.1 200 O', 'K'.repeat(60_000)) },
  'floods zeros of a chunk size': {
    ...invalid,
    onRequest: flood(`${ok}Transfer-Encoding: chunked\r\n\r\n`, '0'.repeat(60_000)),
  },
  'floods interim responses': { ...invalid, onRequest: flood('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n') },
  'floods the body': { ...delivered, onRequest: flood(`${ok}\r\n`, Buffer.alloc(65_536, 'x')) },
  'floods chunks': {
    ...delivered,
    onRequest: flood(`${ok}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'.repeat(5_000)),
  },
  'floods chunk extensions': {
    ...invalid,
    onRequest: flood(`${ok}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'.repeat(50_000)),
  },
  'sends a compressed bomb': {
    ...delivered,
    onRequest: (socket) => {
      socket.write(`${ok}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`)
      socket.write(bomb)
    },
  },

  resets: { result: 'connection_reset', onRequest: (socket) => socket.resetAndDestroy() },
  'resets before the request': {
    result: 'connection_reset',
    onConnection: (socket) => socket.resetAndDestroy(),
  },
  'closes its half without an answer': { ...closed, allowHalfOpen: true, onRequest: (socket) => void socket.end() },
  'closes its half after an answer': {
    ...delivered,
    allowHalfOpen: true,
    onRequest: sayAndClose(`${ok}Content-Length: 2\r\n\r\nok`),
    body: 'ok',
  },
  'closes without an answer': { ...closed, onRequest: sayAndClose('') },
  'closes in its status line': { ...closed, onRequest: sayAndClose('HTTP/1.1 20') },
  'closes in its headers': { ...closed, onRequest: sayAndClose(`${ok}Content-Le`) },
  'closes in its body': { ...closed, onRequest: sayAndClose(`${ok}Content-Length: 10\r\n\r\nfour`) },
  'closes in a chunk': { ...closed, onRequest: sayAndClose(`${ok}Transfer-Encoding: chunked\r\n\r\nff\r\nfour`) },
  'answers without a length and closes': {
    ...delivered,
    onRequest: sayAndClose(`${ok}\r\nto the end`),
    body: 'to the end',
  },

  'does not speak HTTP': { ...invalid, onRequest: say('220 smtp ready\r\n') },
  'speaks HTTP/0.9': { ...invalid, onRequest: say('<html>hello</html>') },
  'speaks HTTP/2': { ...invalid, onRequest: say(Buffer.from('000000040000000000', 'hex')) },
  'has a status that is none': { ...invalid, onRequest: say('HTTP/1.1 2000 OK\r\n\r\n') },
  'has two lengths': { ...invalid, onRequest: say(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`) },
  'has a length that is none': { ...invalid, onRequest: say(`${ok}Content-Length: -1\r\n\r\n`) },
  'has a length and chunks': {
    ...invalid,
    onRequest: say(`${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`),
  },
  'has chunks without a size': { ...invalid, onRequest: say(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n`) },
  'has a header with a line end in it': { ...invalid, onRequest: say(`${ok}X-Split: a\rb\r\n\r\n`) },
  'has a NUL in a header': { ...invalid, onRequest: say(`${ok}X-Nul: a\0b\r\n\r\n`) },

  'sends 100 Continue, for which nobody asked': {
    ...delivered,
    onRequest: say(`HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 4\r\n\r\nlate`),
    body: 'late',
  },
  'sends 102 and 103 first': {
    ...delivered,
    onRequest: say(
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 4\r\n\r\nlate`,
    ),
    body: 'late',
  },
  'sends 103 and nothing more': { ...timeout, onRequest: say('HTTP/1.1 103 Early Hints\r\n\r\n') },
  'switches protocols': {
    ...invalid,
    onRequest: say('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
  },
  redirects: {
    result: 302,
    onRequest: say('HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n'),
  },
  'has a body after 204': {
    result: 204,
    onRequest: say('HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody'),
    body: '',
  },
  'has more body than its length': {
    ...delivered,
    onRequest: say(`${ok}Content-Length: 2\r\n\r\nok and more`),
    body: 'ok',
  },
  'sends a second answer along': {
    ...delivered,
    onRequest: say(`${ok}Content-Length: 5\r\n\r\nfirstHTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\nsecond`),
    body: 'first',
  },
}

let fixture: Fixture
let port: number
const receivers = new Map<string, RawReceiver>()
/** Two each, the second one when the first has given its place back: there is one place. */
const attempts = new Map<string, Promise<readonly Attempt[]>>()

const isFlood = (name: string): boolean => name.startsWith('floods')

// Those that trickle or hang at the same time, for none of them keeps another one waiting. Those that flood one after
// the other: they run in this process, too, and leave it little time.
beforeAll(async () => {
  fixture = await startFixture()
  port = (await fixture.startDispatcher()).port
  for (const name of Object.keys(cases).filter((other) => !isFlood(other))) attempts.set(name, attempt(name))
  await Promise.allSettled(attempts.values())
  for (const name of Object.keys(cases).filter(isFlood)) {
    attempts.set(name, attempt(name))
    await attempts.get(name)
  }
})

async function attempt(name: string): Promise<readonly Attempt[]> {
  const receiver = await startRawReceiver(cases[name] ?? {})
  receivers.set(name, receiver)
  const type = `only.case_${receivers.size}`
  const id = await fixture.subscribe({ url: receiver.url, events: [type], timeoutMs, concurrency: 1 })
  for (let event = 0; event < 2; event++) await fixture.accept(type, cases[name]?.payload ?? '{}')
  return waitFor(
    () => {
      const made = fixture.outcomes
        .filter(({ subscriptionId }) => subscriptionId === id)
        .flatMap(({ attempt }) => attempt ?? [])
      return made.length === 2 && made
    },
    { what: `two attempts at the one that ${name}`, timeoutMs: 20_000 },
  )
}

afterAll(async () => {
  await fixture?.stop()
  await Promise.all([...receivers.values()].map((receiver) => receiver.close()))
})

test.each(Object.entries(cases))('a receiver that %s', async (name, { result, body }) => {
  const made = (await attempts.get(name)) ?? []
  expect(made.map(({ error, response }) => error?.code ?? response?.status)).toEqual([result, result])
  for (const { durationMs, response } of made) {
    expect(durationMs).toBeLessThan(timeoutMs + 1_000)
    if (body !== undefined) expect(response?.body).toBe(body)
    expect(response?.body.length ?? 0).toBeLessThanOrEqual(16_384)
  }
})

test('all have given their places back', async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(/^jethook_attempts_in_flight (\d+)$/m.exec(metrics)?.[1]).toBe('0')
})

test('what was not read to its end is closed, and was never taken in whole', async () => {
  const unfinished = Object.entries(cases).filter(([name, { result }]) => result === 'timeout' || isFlood(name))
  for (const [name] of unfinished) {
    const receiver = receivers.get(name)
    receiver?.resume()
    await waitFor(() => receiver?.closed === receiver?.connections, { what: `the connection to the one that ${name}` })
    // A few buffers of the two sockets: an endless answer would be gigabytes by now.
    expect(receiver?.sentBytes, name).toBeLessThan(16_000_000)
  }
})

test('nothing is decompressed', async () => {
  const [attempt] = (await attempts.get('sends a compressed bomb')) ?? []
  expect(attempt?.response).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' }, bodyTruncated: true })
})
