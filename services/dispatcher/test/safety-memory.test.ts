import { createEgressAgent, parsePolicy } from '@jethook/egress'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Dispatcher as HttpClient } from 'undici'
import { expect, test } from 'vitest'
import { sendRequest } from '../src/attempt/send-request.ts'
import { say, startRawReceiver } from './raw-receiver.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const attempts = 50
const chunks = 16_000

/** Resolves when so many pieces of bodies have arrived, over all requests. */
function watchBodies(client: HttpClient, count: number): { client: HttpClient; arrived: Promise<void> } {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  let seen = 0
  const dispatch: HttpClient['dispatch'] = (options, handler) => {
    const { onResponseData } = handler
    handler.onResponseData = (controller, chunk) => {
      onResponseData?.call(handler, controller, chunk)
      if (++seen === count) resolve()
    }
    return client.dispatch(options, handler)
  }
  return { client: Object.assign(Object.create(client) as HttpClient, { dispatch }), arrived }
}

test('a body that comes byte by byte, and does not end, takes no more memory than what is kept of it', async () => {
  const body = '1\r\nx\r\n'.repeat(chunks)
  const receiver = await startRawReceiver({
    onRequest: say(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`),
  })
  const agent = createEgressAgent({ policy: parsePolicy({ ALLOWED_NETWORKS: '127.0.0.1' }) })
  const { client, arrived } = watchBodies(agent, attempts * chunks)
  collectGarbage()
  const before = process.memoryUsage().heapUsed

  const request = { destination: { origin: receiver.url, path: '/' }, headers: {}, body: Buffer.from('{}') }
  const results = Array.from({ length: attempts }, () => sendRequest(client, { ...request, timeoutMs: 15_000 }))
  await arrived
  collectGarbage()
  expect((process.memoryUsage().heapUsed - before) / attempts).toBeLessThan(200_000)

  await receiver.close()
  const [first] = await Promise.all(results)
  expect(first).toMatchObject({ error: { code: 'connection_closed' }, response: { body: 'x'.repeat(chunks) } })
  await agent.close()
})
