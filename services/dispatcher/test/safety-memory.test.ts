import { createEgressAgent, parsePolicy } from '@jethook/egress'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { sendRequest, type Poster } from '../src/attempt/send-request.ts'
import { say, startRawReceiver } from './raw-receiver.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const attempts = 50
const chunks = 16_000

/** Resolves when so many pieces of bodies have arrived, over all requests. */
function watchBodies(agent: Poster, count: number): { watched: Poster; arrived: Promise<void> } {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  let seen = 0
  const post: Poster['post'] = (request, handler) => {
    const { onBody } = handler
    handler.onBody = (bytes) => {
      onBody.call(handler, bytes)
      if (++seen === count) resolve()
    }
    return agent.post(request, handler)
  }
  return { watched: { post }, arrived }
}

test('a body that comes byte by byte, and does not end, takes no more memory than what is kept of it', async () => {
  const body = '1\r\nx\r\n'.repeat(chunks)
  const receiver = await startRawReceiver({
    onRequest: say(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`),
  })
  const agent = createEgressAgent({ policy: parsePolicy({ ALLOWED_NETWORKS: '127.0.0.1' }) })
  const { watched, arrived } = watchBodies(agent, attempts * chunks)
  collectGarbage()
  const before = process.memoryUsage().heapUsed

  const request = { destination: { origin: receiver.url, path: '/' }, headers: {}, body: Buffer.from('{}') }
  const results = Array.from({ length: attempts }, () => sendRequest(watched, { ...request, timeoutMs: 15_000 }))
  await arrived
  collectGarbage()
  expect((process.memoryUsage().heapUsed - before) / attempts).toBeLessThan(200_000)

  await receiver.close()
  const [first] = await Promise.all(results)
  expect(first).toMatchObject({ error: { code: 'connection_closed' }, response: { body: 'x'.repeat(chunks) } })
  await agent.close()
})
