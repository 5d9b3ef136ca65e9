import { createHmac } from 'node:crypto'
import { AckPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Agent } from 'undici'
import { bareStreams } from './bare-streams.ts'

/**
 * The smallest loop that does what must be done: pull, one HMAC, POST, store what came of it (50 outcomes in a message,
 * pipelined), acknowledge. No matching, no retries, no limits, no logs, no metrics: what is left is what the machine,
 * the broker and the two client libraries cost.
 */
const [, , natsUrl = '', ...origins] = process.argv
const { events, outcomes } = bareStreams
/** Chosen, not tuned: other values were not tried. */
const inFlight = 256
const batchSize = 50
const batchAgeMs = 5

const connection = await connect({ servers: natsUrl, noAsyncTraces: true })
const manager = await jetstreamManager(connection)
await manager.consumers.add(events.name, {
  durable_name: events.consumer,
  ack_policy: AckPolicy.Explicit,
  max_ack_pending: inFlight,
})
const broker = jetstream(connection)
const client = new Agent({ pipelining: 1, allowH2: false })
const consumer = await broker.consumers.get(events.name, events.consumer)

let lines: string[] = []
let messages: JsMsg[] = []
let timer: NodeJS.Timeout | undefined

async function store(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  const done = messages
  const batch = `[${lines.join(',')}]`
  lines = []
  messages = []
  await broker.publish(outcomes.subject, batch)
  for (const message of done) message.ack()
}

function finish(message: JsMsg, status: number): void {
  messages.push(message)
  lines.push(JSON.stringify({ sequence: message.seq, status, at: Date.now() }))
  if (lines.length >= batchSize) void store()
  else timer ??= setTimeout(() => void store(), batchAgeMs)
}

function post(message: JsMsg): void {
  const signature = createHmac('sha256', 'the secret of the endpoint').update(message.data).digest('hex')
  let status = 0
  client.dispatch(
    {
      origin: origins[message.seq % origins.length] ?? '',
      path: '/ok/0',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': signature },
      body: message.data,
    },
    {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code
      },
      onResponseData() {},
      onResponseEnd: () => finish(message, status),
      onResponseError(_controller, error) {
        throw error
      },
    },
  )
}

await consumer.consume({ max_messages: 500, callback: post })
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
