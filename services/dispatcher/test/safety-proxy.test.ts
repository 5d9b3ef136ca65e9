import type { Attempt } from '@jethook/contracts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  startProxy,
  startReceiver,
  waitFor,
  type ProxyBehaviour,
  type ProxyServer,
  type Receiver,
} from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture } from './fixture.ts'
import { startRawReceiver } from './raw-receiver.ts'

let fixture: Fixture
let receiver: Receiver

beforeAll(async () => {
  fixture = await startFixture()
  receiver = await startReceiver()
})
afterAll(async () => {
  await fixture?.stop()
  await receiver?.close()
})

let stop = async (): Promise<void> => {}
afterEach(() => stop())

/** A dispatcher that reaches nothing but through a proxy, by default one that connects to the receiver. */
async function dispatcherBehind(
  behaviour: ProxyBehaviour = { connectTo: Number(new URL(receiver.url).port) },
): Promise<ProxyServer> {
  const proxy = await startProxy(behaviour)
  const dispatcher = await fixture.startDispatcher({ EGRESS_PROXY: proxy.url.origin, ALLOWED_NETWORKS: undefined })
  stop = async () => {
    await dispatcher.stop()
    await proxy[Symbol.asyncDispose]()
  }
  return proxy
}

test('everything goes through the proxy, which resolves the names; what it connected to is not known here', async () => {
  const proxy = await dispatcherBehind()
  const attempt = await fixture.attempt({ url: 'http://receiver.example/hooks' })
  expect(attempt.response?.status).toBe(200)
  expect(attempt.connection).toEqual({
    address: null,
    reused: false,
    connectMs: expect.any(Number),
    firstByteMs: expect.any(Number),
  })
  expect(proxy.asked).toEqual(['receiver.example:80'])
})

test('the token endpoint of OAuth2 is asked through the proxy, too', async () => {
  const proxy = await dispatcherBehind()
  const attempt = await fixture.attempt({ url: 'http://receiver.example/' }, (seal) => ({
    authentication: {
      type: 'oauth2',
      tokenUrl: 'http://id.example/token',
      clientId: 'id',
      clientSecret: seal('secret'),
      clientAuthentication: 'basic',
      scope: null,
      audience: null,
    },
  }))
  expect(attempt.error?.code).toBe('token_endpoint_failed')
  expect(proxy.asked).toEqual(['id.example:80'])
})

test('addresses that are not public, and names for them, are refused before the proxy is asked', async () => {
  const proxy = await dispatcherBehind()
  const urls = ['http://169.254.169.254/', 'http://0x7f.1/', 'http://[::1]/', 'http://localhost/', 'http://a.internal/']
  const attempts = await Promise.all(urls.map((url) => fixture.attempt({ url })))
  expect(attempts.map(({ error }) => error?.code)).toEqual(urls.map(() => 'destination_refused'))
  expect(proxy.asked).toEqual([])
})

const endless =
  (piece: string) =>
  (socket: { write: (text: string) => boolean; on: (event: string, then: () => void) => unknown }) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write(piece), 20)
    socket.on('close', () => clearInterval(timer))
  }

test.each<[what: string, behaviour: ProxyBehaviour, code: string, message: string]>([
  [
    'refuses',
    { status: 403 },
    'egress_proxy_failed',
    'The egress proxy did not connect to the receiver: it answered 403.',
  ],
  [
    'closes',
    { act: (socket) => socket.destroy() },
    'egress_proxy_failed',
    'The egress proxy could not be reached, or did not answer.',
  ],
  ['hangs', 'silent', 'connect_timeout', 'No connection within 1000 ms: the egress proxy made none.'],
  [
    'trickles',
    { act: endless('X-More: x\r\n') },
    'connect_timeout',
    'No connection within 1000 ms: the egress proxy made none.',
  ],
])(
  'a proxy that %s holds nothing longer than the timeout, and nobody learns where it is',
  async (_what, behaviour, code, message) => {
    const proxy = await dispatcherBehind(behaviour)
    const attempt = await fixture.attempt({ url: 'https://receiver.example/', timeoutMs: 1_000 })
    expect(attempt).toMatchObject({ response: null, error: { code, message }, connection: { address: null } })
    expect(JSON.stringify(attempt)).not.toContain(proxy.url.port)
  },
)

test('a proxy that is not there is told apart from a receiver that is not there, and nobody learns where it would be', async () => {
  const proxy = await dispatcherBehind()
  await proxy[Symbol.asyncDispose]()
  stop = (
    (before) => () =>
      before().catch(() => undefined)
  )(stop)
  const attempt = await fixture.attempt({ url: 'http://receiver.example/' })
  expect(attempt.error).toEqual({
    code: 'egress_proxy_failed',
    message: 'The egress proxy could not be reached, or did not answer.',
  })
})

test('behind the proxy, too, a receiver that hangs in TLS or does not answer holds nothing longer than the timeout', async () => {
  const silent = await startRawReceiver({})
  await dispatcherBehind({ connectTo: Number(new URL(silent.url).port) })
  const attempts: Attempt[] = await Promise.all([
    fixture.attempt({ url: 'https://receiver.example/', timeoutMs: 1_000 }),
    fixture.attempt({ url: 'http://receiver.example/', timeoutMs: 1_000 }),
  ])
  expect(attempts.map(({ error }) => error?.code)).toEqual(['connect_timeout', 'timeout'])
  await waitFor(() => silent.connections === 2 && silent.closed >= 1, { what: 'the connection to be closed' })
  await silent.close()
})
