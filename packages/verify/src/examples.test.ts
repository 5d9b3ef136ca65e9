import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { POST } from '../examples/next/app/webhooks/route.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const folder = join(import.meta.dirname, '../examples')

interface Running {
  readonly url: string
  readonly stop: () => void
}

/** Runs the file as a user would, and waits for the line that tells where it listens. */
async function runFile(name: string): Promise<Running> {
  const child = spawn(process.execPath, [join(folder, name)], {
    env: { ...process.env, PORT: '0', WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const complaints = text(child.stderr)
  for await (const line of createInterface(child.stdout)) {
    const [url] = /http:\/\/\S+/.exec(line) ?? []
    if (!url) continue
    child.stdout.resume()
    return { url: `${url}/webhooks`, stop: () => child.kill() }
  }
  throw new Error(`${name} ended before it listened: ${await complaints}`)
}

/** The handler alone is ours to test: Next calls it with a Request and sends the Response it gives. */
async function serveRoute(): Promise<Running> {
  vi.stubEnv('WEBHOOK_SECRET', secret)
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(console, 'warn').mockReturnValue()
  const server = serve({ fetch: POST, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/webhooks`, stop: () => server.close() }
}

const examples = [
  { example: 'fastify.ts', start: () => runFile('fastify.ts') },
  { example: 'express.ts', start: () => runFile('express.ts') },
  { example: 'hono.ts', start: () => runFile('hono.ts') },
  { example: 'next/app/webhooks/route.ts', start: serveRoute },
]

describe.each(examples)('examples/$example', ({ start }) => {
  let running: Running
  beforeAll(async () => {
    running = await start()
  }, 30_000)
  afterAll(() => running.stop())

  const body = '{ "type": "deposit.settled", "amount": 10.00, "name": "Zoë 🪝" }'
  const post = async (headers: Record<string, string>, sent = body): Promise<[number, unknown]> => {
    const all = { 'content-type': 'application/json', ...headers }
    const response = await fetch(running.url, { method: 'POST', headers: all, body: sent })
    return [response.status, await response.json()]
  }

  test('accepts a signed request', async () => {
    expect(await post(signed(body))).toEqual([200, {}])
  })

  test('accepts 900 KB', async () => {
    const large = JSON.stringify({ type: 'report.ready', text: 'x'.repeat(900_000) })
    expect(await post(signed(large), large)).toEqual([200, {}])
  })

  test('accepts a signed request whose content is not said to be JSON', async () => {
    expect(await post({ ...signed(body), 'content-type': 'text/plain' })).toEqual([200, {}])
  })

  test('refuses a changed body', async () => {
    expect(await post(signed(body), body.replace('10.00', '99.00'))).toEqual([401, { error: 'signature_mismatch' }])
  })

  test('refuses a replay from ten minutes ago', async () => {
    expect(await post(signed(body, 600))).toEqual([401, { error: 'timestamp_too_old' }])
  })

  test('refuses an unsigned request', async () => {
    expect(await post({})).toEqual([401, { error: 'missing_header' }])
  })
})

function signed(body: string, ageSeconds = 0): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1_000) - ageSeconds
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` }
}
