import { createSocket } from 'node:dgram'
import { describe, expect, test } from 'vitest'
import { checkDestination, createEgressAgent, EgressRefusedError, parsePolicy, type Lookup } from '../src/index.ts'
import { startDnsServer } from '../../../test/infrastructure/dns-server.ts'
import { startReceiver, startTrap } from './receiver.ts'
import { failing, send } from './send.ts'

const noNetworks = parsePolicy({})
const oneLoopback = parsePolicy({ ALLOWED_NETWORKS: '127.0.0.1/32' })
const answering =
  (...addresses: string[]): Lookup =>
  async () =>
    addresses.map((address) => ({ address }))

describe('by default nothing on the machine or its networks is reached', () => {
  test.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://0x7f.1',
    'http://2130706433',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://0.0.0.0',
  ])('%s', async (origin) => {
    await using receiver = await startReceiver()
    const agent = createEgressAgent({ policy: noNetworks })
    const error = await failing(send(agent, `${origin}:${receiver.port}/`))
    expect(error).toMatchObject({ name: 'EgressRefusedError', code: 'destination_refused' })
    expect(receiver.connections).toBe(0)
    await agent.close()
  })

  test('nor by a name for it', async () => {
    await using receiver = await startReceiver()
    const agent = createEgressAgent({
      policy: noNetworks,
      lookup: answering('127.0.0.1', '::1', '10.0.0.1', '10.0.0.2'),
    })
    const error = await failing(send(agent, `http://receiver.test:${receiver.port}/`))
    expect(error).toBeInstanceOf(EgressRefusedError)
    expect(error.message).toBe(
      'receiver.test resolves to no permitted destination: 127.0.0.1 (127.0.0.0/8: loopback, RFC 1122), ' +
        '::1 (::1/128: loopback, RFC 4291), 10.0.0.1 (10.0.0.0/8: private use, RFC 1918) and 1 more.',
    )
    expect(receiver.connections).toBe(0)
    await agent.close()
  })
})

describe('an allowed network', () => {
  test('is reached by address and by name, on one connection per origin', async () => {
    await using receiver = await startReceiver()
    const lookups: string[] = []
    const lookup: Lookup = async (hostname) => {
      lookups.push(hostname)
      return [{ address: '127.0.0.1' }]
    }
    const agent = createEgressAgent({ policy: oneLoopback, lookup })
    for (let request = 0; request < 3; request++) {
      expect(await send(agent, `http://receiver.test:${receiver.port}/a?b=c`)).toMatchObject({
        status: 200,
        body: 'ok',
      })
      expect(await send(agent, `http://127.0.0.1:${receiver.port}/`)).toMatchObject({ status: 200, body: 'ok' })
    }
    expect(receiver.requests).toHaveLength(6)
    expect(receiver.connections).toBe(2)
    expect(lookups).toEqual(['receiver.test'])
    await agent.close()
  })

  test('is all that is connected to when a name has other addresses as well', async () => {
    await using receiver = await startReceiver()
    await using trap = await startTrap(receiver.port)
    const agent = createEgressAgent({ policy: oneLoopback, lookup: answering('127.0.0.2', '127.0.0.1', '10.0.0.1') })
    const { used } = await send(agent, `http://receiver.test:${receiver.port}/`)
    expect(used?.address).toBe('127.0.0.1')
    expect(trap?.connections ?? 0).toBe(0)
    await agent.close()
  })

  test('does not open others: not even when nothing listens at its address', async () => {
    await using receiver = await startReceiver()
    await using trap = await startTrap(receiver.port)
    const { port } = receiver
    await receiver[Symbol.asyncDispose]()
    const agent = createEgressAgent({ policy: oneLoopback, lookup: answering('127.0.0.1', '127.0.0.2') })
    expect((await failing(send(agent, `http://receiver.test:${port}/`))).code).toBe('ECONNREFUSED')
    expect(trap?.connections ?? 0).toBe(0)
    await agent.close()
  })
})

test('of a name with thousands of addresses only the first ones are looked at', async () => {
  await using receiver = await startReceiver()
  const url = `http://receiver.test:${receiver.port}/`
  const many = Array.from({ length: 4_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
  const agentWith = (...addresses: string[]) =>
    createEgressAgent({ policy: oneLoopback, lookup: answering(...addresses) })
  const last = agentWith(...many, '127.0.0.1')
  expect((await failing(send(last, url))).message).toContain('and 61 more.')
  const first = agentWith('127.0.0.1', ...many)
  expect((await send(first, url)).status).toBe(200)
  await Promise.all([first.close(), last.close()])
})

describe('what a resolver says is not trusted', () => {
  test.each(['localhost', '127.1', '0177.0.0.1', '127.0.0.1%lo', '::ffff:127.0.0.1', '::1', '', '/tmp/socket'])(
    'an answer of "%s" is refused',
    async (address) => {
      await using receiver = await startReceiver()
      const agent = createEgressAgent({ policy: oneLoopback, lookup: answering(address) })
      const error = await failing(send(agent, `http://receiver.test:${receiver.port}/`))
      expect(error).toBeInstanceOf(EgressRefusedError)
      expect(receiver.connections).toBe(0)
      await agent.close()
    },
  )
})

test('scheme and port are checked again when a connection is made: the policy may have changed since the URL was accepted', async () => {
  await using receiver = await startReceiver()
  const url = `http://127.0.0.1:${receiver.port}/`
  for (const policy of [{ HTTPS_ONLY: true }, { ALLOWED_PORTS: '443' }]) {
    const agent = createEgressAgent({ policy: parsePolicy({ ...policy, ALLOWED_NETWORKS: '127.0.0.0/8' }) })
    expect((await failing(send(agent, url))).code).toBe('destination_refused')
    await agent.close()
  }
  expect(receiver.connections).toBe(0)
})

test('many requests to a refused destination are all refused, and later ones too', async () => {
  const agent = createEgressAgent({ policy: oneLoopback, lookup: answering('10.0.0.1') })
  for (let round = 0; round < 3; round++) {
    const errors = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        failing(send(agent, index % 2 ? 'http://receiver.test/' : 'http://10.0.0.1/')),
      ),
    )
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['destination_refused']))
  }
  await agent.close()
})

test('a redirect is an answer like others: it is not followed', async () => {
  await using receiver = await startReceiver({
    respond: (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end(),
  })
  const agent = createEgressAgent({ policy: oneLoopback })
  expect((await send(agent, `http://127.0.0.1:${receiver.port}/`)).status).toBe(307)
  expect(receiver.requests.map(({ url }) => url)).toEqual(['/'])
  await agent.close()
})

describe('names that cannot be resolved', () => {
  test.each([
    ['there is no such name', 'unknown', 'ENOTFOUND'],
    ['it has no address', [], 'ENOTFOUND'],
    ['the name server fails', 'failing', 'EAI_AGAIN'],
  ] as const)('fail as the resolver says: %s', async (_what, answer, code) => {
    await using dns = await startDnsServer(() => answer)
    const agent = createEgressAgent({ policy: oneLoopback, lookup: dns.lookup })
    expect((await failing(send(agent, 'http://receiver.test/'))).code).toBe(code)
    await agent.close()
  })

  test('do not hold a request longer than the time to connect', async () => {
    await using dns = await startDnsServer(() => 'silent')
    const agent = createEgressAgent({ policy: oneLoopback, lookup: dns.lookup, connectTimeoutMs: 200 })
    expect((await failing(send(agent, 'http://receiver.test/'))).code).toBe('connect_timeout')
    await agent.close()
  })

  test('are asked for once by those who wait for them at the same time', async () => {
    await using receiver = await startReceiver()
    await using dns = await startDnsServer(() => ['127.0.0.1'])
    const agent = createEgressAgent({ policy: oneLoopback, lookup: dns.lookup })
    await Promise.all(Array.from({ length: 10 }, () => send(agent, `http://receiver.test:${receiver.port}/`)))
    expect(receiver.connections).toBe(10)
    expect(dns.queries('receiver.test')).toBe(1)
    await agent.close()
  })
})

describe('a URL that is entered', () => {
  test('is checked with the addresses behind its name', async () => {
    await using dns = await startDnsServer((name) => (name === 'inside.test' ? ['10.1.2.3'] : ['93.184.215.14']))
    const check = (url: string) => checkDestination(url, noNetworks, { lookup: dns.lookup })
    expect(await check('https://outside.test/')).toBeUndefined()
    expect(await check('https://93.184.215.14/')).toBeUndefined()
    expect(await check('https://inside.test/')).toEqual({
      code: 'destination_not_public',
      message: 'inside.test resolves to no permitted destination (10.0.0.0/8: private use, RFC 1918).',
    })
    expect((await check('https://inside.test:25/'))?.code).toBe('destination_port_forbidden')
  })

  test('passes while its name cannot be resolved', async () => {
    await using dns = await startDnsServer((name) => (name === 'unknown.test' ? 'unknown' : 'silent'))
    const check = (url: string) => checkDestination(url, noNetworks, { lookup: dns.lookup, timeoutMs: 50 })
    expect(await check('https://unknown.test/')).toBeUndefined()
    expect(await check('https://silent.test/')).toBeUndefined()
  })
})

const hasIPv6 = await new Promise<boolean>((resolve) => {
  const socket = createSocket('udp6')
  socket.once('error', () => resolve(false))
  socket.bind(0, '::1', () => socket.close(() => resolve(true)))
})

test.runIf(hasIPv6)('an allowed IPv6 address is reached', async () => {
  await using receiver = await startReceiver({ host: '::1' })
  const agent = createEgressAgent({ policy: parsePolicy({ ALLOWED_NETWORKS: '::1' }), lookup: answering('0:0::0:1') })
  for (const host of ['[::1]', 'receiver.test']) {
    const { status, used } = await send(agent, `http://${host}:${receiver.port}/`)
    expect({ status, address: used?.address }).toEqual({ status: 200, address: '::1' })
  }
  await agent.close()
})
