import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  startDnsServer,
  startReceiver,
  waitFor,
  type DnsServer,
  type Receiver,
} from '../../../test/infrastructure/index.ts'
import type { DispatcherConfig } from '../src/config.ts'
import { startFixture, type Fixture } from './fixture.ts'
import { startDeafReceiver, startRawReceiver } from './raw-receiver.ts'

let fixture: Fixture
let dns: DnsServer
const receivers: Receiver[] = []

beforeAll(async () => {
  fixture = await startFixture()
  dns = await startDnsServer(() => 'unknown')
})
afterAll(async () => {
  await fixture?.stop()
  await dns?.[Symbol.asyncDispose]()
  await Promise.all(receivers.map((receiver) => receiver.close()))
})

/** One dispatcher at a time: they share the work. */
let stop = async (): Promise<void> => {}
afterEach(() => stop())
async function dispatcherWith(settings: Partial<DispatcherConfig>): Promise<void> {
  const dispatcher = await fixture.startDispatcher(settings)
  stop = () => dispatcher.stop()
}

async function receiver(): Promise<Receiver> {
  const started = await startReceiver()
  receivers.push(started)
  return started
}

let types = 0
const ownType = (): string => `only.destination_${++types}`

const byDefault: Partial<DispatcherConfig> = { ALLOWED_NETWORKS: undefined }

test('by default a loopback address is refused at delivery: nobody is connected to, the schedule applies', async () => {
  await dispatcherWith(byDefault)
  const target = await receiver()
  const events = [ownType()]
  const id = await fixture.subscribe({ url: target.url, events, retryScheduleMs: [20] })
  await fixture.accept(events[0] ?? '', '{}')

  const outcomes = await fixture.outcomesOf(id, 2)
  expect(outcomes.map(({ outcome, attempt }) => [outcome.type, attempt?.error?.code, attempt?.decision?.code])).toEqual(
    [
      ['retry', 'destination_refused', 'destination_refused_retry_1_of_1'],
      ['gave_up', 'destination_refused', 'destination_refused_gave_up'],
    ],
  )
  expect(outcomes[0]?.attempt).toMatchObject({
    response: null,
    error: { message: '127.0.0.1 is not a permitted destination (127.0.0.0/8: loopback, RFC 1122).' },
    connection: { address: null, reused: false },
  })
  expect(target.requests).toHaveLength(0)
})

test('by default nothing but public addresses and the ports of the web are connected to', async () => {
  await dispatcherWith(byDefault)
  const urls = [
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2130706433/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::1]/',
    'http://localhost/',
    'http://postgres/',
    'http://93.184.215.14:25/',
  ]
  const attempts = await Promise.all(urls.map((url) => fixture.attempt({ url })))
  expect(attempts.map(({ error }) => error?.code)).toEqual(urls.map(() => 'destination_refused'))
})

test('plain http is refused where only https may be used', async () => {
  await dispatcherWith({ HTTPS_ONLY: true })
  const target = await receiver()
  expect((await fixture.attempt({ url: target.url })).error?.code).toBe('destination_refused')
  expect(target.requests).toHaveLength(0)
})

test('a network that is allowed is reached, one that is denied within it is not', async () => {
  await dispatcherWith({ ALLOWED_NETWORKS: '127.0.0.0/8', DENIED_NETWORKS: '127.0.0.1' })
  const target = await receiver()
  expect((await fixture.attempt({ url: target.url })).error?.code).toBe('destination_refused')
  await stop()
  await dispatcherWith({ ALLOWED_NETWORKS: '127.0.0.0/8' })
  expect((await fixture.attempt({ url: target.url })).response?.status).toBe(200)
})

// 127.0.0.1 stands for the public address of an attacker's receiver, 127.0.0.2 for what it wants to reach.
test('a name that changes its address gets nowhere else, and is delivered to when it has changed back', async () => {
  await dispatcherWith({ ALLOWED_NETWORKS: '127.0.0.1', DNS_SERVERS: dns.address })
  const target = await receiver()
  dns.answer = () => ['127.0.0.2']
  const events = [ownType()]
  const url = `http://rebinding.test:${target.port}/`
  const id = await fixture.subscribe({ url, events, retryScheduleMs: [100, 100] })
  await fixture.accept(events[0] ?? '', '{}')

  const [refused] = await fixture.outcomesOf(id, 1)
  expect(refused?.attempt?.error).toEqual({
    code: 'destination_refused',
    // Which address it is, is not for everybody to know.
    message: 'rebinding.test resolves to no permitted destination (127.0.0.0/8: loopback, RFC 1122).',
  })
  expect(target.requests).toHaveLength(0)

  dns.answer = () => ['127.0.0.1']
  const delivered = await waitFor(() =>
    fixture.outcomes.find(({ subscriptionId, outcome }) => subscriptionId === id && outcome.type === 'delivered'),
  )
  expect(delivered.attempt?.connection).toMatchObject({ address: '127.0.0.1', dnsMs: expect.any(Number) })
})

test('an open connection stays with the address that was checked, however the name answers next', async () => {
  await dispatcherWith({ ALLOWED_NETWORKS: '127.0.0.1', DNS_SERVERS: dns.address })
  const target = await receiver()
  const name = 'alternating.test'
  dns.answer = (_name, query) => [query % 2 === 1 ? '127.0.0.1' : '127.0.0.2']
  const results: (string | undefined)[] = []
  for (let query = 1; query <= 4; query++) {
    const attempt = await fixture.attempt({ url: `http://${name}:${target.port}/`, timeoutMs: 5_000 })
    results.push(attempt.error?.code ?? `${attempt.connection?.address} ${attempt.connection?.reused}`)
  }
  expect(results).toEqual(['127.0.0.1 false', ...Array<string>(3).fill('127.0.0.1 true')])
  expect(dns.queries(name)).toBe(1)
})

test('what is not connected in time says what it waited for, and for how long', async () => {
  await dispatcherWith({ ALLOWED_NETWORKS: '127.0.0.1', DNS_SERVERS: dns.address })
  dns.answer = (name) => (name === 'silent.test' ? 'silent' : ['127.0.0.1'])
  await using deaf = await startDeafReceiver()
  const mute = await startRawReceiver({})
  const [resolving, connecting, handshake] = await Promise.all(
    ['http://silent.test/', `http://deaf.test:${deaf.port}/`, mute.url.replace('http', 'https')].map((url) =>
      fixture.attempt({ url, timeoutMs: 1_000 }),
    ),
  )
  expect([resolving, connecting, handshake].map((attempt) => attempt?.error)).toEqual(
    ['the host name was not resolved', 'the address did not answer', 'the TLS handshake did not end'].map((what) => ({
      code: 'connect_timeout',
      message: `No connection within 1000 ms: ${what}.`,
    })),
  )
  const ms = expect.any(Number)
  expect(resolving?.connection).toEqual({ address: null, reused: false, dnsMs: ms })
  expect(connecting?.connection).toEqual({ address: '127.0.0.1', reused: false, dnsMs: ms, connectMs: ms })
  expect(handshake?.connection).toEqual({ address: '127.0.0.1', reused: false, connectMs: ms, tlsMs: ms })
  // The step that was waited for is where the time went.
  const waits = [resolving?.connection?.dnsMs, connecting?.connection?.connectMs, handshake?.connection?.tlsMs]
  for (const waitedMs of waits) expect(waitedMs).toBeGreaterThan(500)
  await mute.close()
})
