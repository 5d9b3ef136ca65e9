import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createEgressAgent, parsePolicy, type PendingRequest } from '../src/index.ts'
import { startProxy } from '../../../test/infrastructure/proxy-server.ts'
import { certificate, startReceiver } from './receiver.ts'
import { failing, send } from './send.ts'

const policy = parsePolicy({})

describe('with an egress proxy', () => {
  test('http goes through a tunnel; the proxy resolves the name, and its own address needs no permission', async () => {
    await using receiver = await startReceiver()
    await using proxy = await startProxy({ connectTo: receiver.port })
    const agent = createEgressAgent({ policy, proxy: proxy.url })
    for (const reused of [false, true]) {
      const { status, used } = await send(agent, 'http://receiver.example/a')
      expect(status).toBe(200)
      expect(used).toMatchObject({ address: null, reused, dnsMs: null })
    }
    expect(proxy.asked).toEqual(['receiver.example:80'])
    expect(receiver.requests.map(({ url, headers }) => [url, headers.host])).toEqual([
      ['/a', 'receiver.example'],
      ['/a', 'receiver.example'],
    ])
    await agent.close()
  })

  test('https goes through a tunnel, and the receiver’s certificate is verified', async () => {
    await using receiver = await startReceiver({
      tls: { cert: certificate('receiver'), key: certificate('receiver.key') },
    })
    await using proxy = await startProxy({ connectTo: receiver.port })
    const trusting = createEgressAgent({ policy, proxy: proxy.url, tls: { ca: certificate('authority') } })
    const { status, used } = await send(trusting, 'https://receiver.test/')
    expect([status, used]).toEqual([
      200,
      { address: null, reused: false, dnsMs: null, connectMs: expect.any(Number), tlsMs: expect.any(Number) },
    ])
    expect(proxy.asked).toEqual(['receiver.test:443'])
    expect((await failing(send(trusting, 'https://other.test/'))).code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    const strict = createEgressAgent({ policy, proxy: proxy.url })
    expect((await failing(send(strict, 'https://receiver.test/'))).code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    await Promise.all([trusting.close(), strict.close()])
  })

  test('the proxy is told who asks, where its URL says so', async () => {
    await using receiver = await startReceiver()
    await using proxy = await startProxy({ connectTo: receiver.port })
    const url = new URL(`http://jethook:50%25%3A@${proxy.url.host}`)
    for (const each of [url, proxy.url]) {
      const agent = createEgressAgent({ policy, proxy: each })
      expect((await send(agent, 'http://receiver.example/')).status).toBe(200)
      await agent.close()
    }
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('jethook:50%:').toString('base64')}`, undefined])
  })

  test.each([
    'http://10.0.0.1/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'https://localhost/',
    'https://vault.internal/',
    'http://receiver.example:25/',
  ])('%s is refused before the proxy is asked', async (url) => {
    await using proxy = await startProxy('silent')
    const agent = createEgressAgent({ policy, proxy: proxy.url })
    expect((await failing(send(agent, url))).code).toBe('destination_refused')
    expect(proxy.asked).toEqual([])
    await agent.close()
  })

  test('what the proxy refuses fails with an error of its own', async () => {
    await using proxy = await startProxy({ status: 403 })
    const agent = createEgressAgent({ policy, proxy: proxy.url })
    const error = await failing(send(agent, 'http://receiver.example/'))
    expect(error).toMatchObject({ name: 'EgressProxyError', code: 'egress_proxy_failed', status: 403 })
    expect(error.message).toContain('403')
    await agent.close()
  })

  test('a proxy that cannot be reached fails in the same way', async () => {
    const proxy = await startProxy('silent')
    await proxy[Symbol.asyncDispose]()
    const agent = createEgressAgent({ policy, proxy: proxy.url })
    const error = await failing(send(agent, 'https://receiver.example/'))
    expect(error.code).toBe('egress_proxy_failed')
    expect(error.message).toContain('ECONNREFUSED')
    await agent.close()
  })

  test('a proxy that does not answer holds a request no longer than the time to connect', async () => {
    await using proxy = await startProxy('silent')
    const agent = createEgressAgent({ policy, proxy: proxy.url, connectTimeoutMs: 200 })
    expect((await failing(send(agent, 'http://receiver.example/'))).code).toBe('egress_proxy_failed')
    await agent.close()
  })

  test('a receiver that hangs in TLS holds a request no longer than the time to connect', async () => {
    await using silent = await startProxy({ act: (socket) => socket.write('HTTP/1.1 200 Connected\r\n\r\n') })
    const agent = createEgressAgent({ policy, proxy: silent.url, connectTimeoutMs: 200 })
    const { code, used } = await failing(send(agent, 'https://receiver.example/'))
    expect([code, used?.unfinished]).toEqual(['connect_timeout', 'tls'])
    await agent.close()
  })

  test('a receiver that speaks before it is asked is not taken for one that answers', async () => {
    const act = (socket: Duplex) => socket.write('HTTP/1.1 200 Connected\r\n\r\n220 smtp ready\r\n')
    await using proxy = await startProxy({ act })
    const agent = createEgressAgent({ policy, proxy: proxy.url })
    expect((await failing(send(agent, 'http://receiver.example/'))).code).toBe('invalid_response')
    expect(proxy.asked).toHaveLength(1)
    await agent.close()
  })

  test.each<[step: string, answer: string]>([
    ['proxy', ''],
    ['tls', 'HTTP/1.1 200 Connected\r\n\r\n'],
  ])('a request that is abandoned leaves no connection behind, in whatever step (%s)', async (step, answer) => {
    const asked = Promise.withResolvers<Duplex>()
    const act = (socket: Duplex): void => {
      socket.write(answer)
      asked.resolve(socket.resume())
    }
    await using proxy = await startProxy({ act })
    const agent = createEgressAgent({ policy, proxy: proxy.url })
    const begun = Promise.withResolvers<PendingRequest>()
    void send(agent, 'https://receiver.example/', {}, begun.resolve)
    const request = await begun.promise
    const socket = await asked.promise
    while (request.used()?.unfinished !== step) await setImmediate()
    request.abort(new Error('waited long enough'))
    await once(socket, 'close')
    await agent.close()
  })
})
