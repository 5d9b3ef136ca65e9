import { createHmac } from 'node:crypto'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Agent } from 'undici'

/**
 * One job per delivery: sign, POST, and let BullMQ retry what fails. It keeps no log, and every endpoint shares the one
 * queue: what a team has after an afternoon. One worker of this concurrency did best of those tried: see README.md.
 */
const [, , port = ''] = process.argv
const concurrency = 200
const client = new Agent({ pipelining: 1, allowH2: false })

interface Delivery {
  readonly url: string
  readonly payload: string
}

const worker = new Worker<Delivery>(
  'deliveries',
  async ({ data: { url, payload } }) => {
    const signature = createHmac('sha256', 'the secret of the endpoint').update(payload).digest('hex')
    const { origin, pathname } = new URL(url)
    const { statusCode, body } = await client.request({
      origin,
      path: pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': signature },
      body: payload,
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
    })
    await body.dump()
    if (statusCode < 200 || statusCode > 299) throw new Error(`The receiver answered ${statusCode}.`)
  },
  { connection: new Redis(Number(port), { maxRetriesPerRequest: null }), concurrency, maxStalledCount: 10 },
)
worker.on('error', ({ message }) => console.error(`  bullmq: ${message}`))
await worker.waitUntilReady()
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
