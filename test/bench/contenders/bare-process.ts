import { createHmac } from 'node:crypto'
import { AckPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Agent } from 'undici'
import { bareStreams } from './bare-streams.ts'

/**
 * The smallest loop that does what must be done: pull, and for each endpoint one HMAC, POST, store what came of it (50 outcomes in a message,
 * pipelined), acknowledge. No matching, no retries, no limits, no logs, no metrics: what is left is what the machine,
 * the broker and the two client libraries cost.
 */
const [, , natsUrl = '', fanOutArgument = '', ...origins] = process.argv
const fanOut = Number(fanOutArgument)
const { events, outcomes } = bareStreams
/** Deliveries, over all processes. Four and sixteen times as many made it slower where events have four: see README.md. */
const inFlight = 256
const batchSize = 50
const batchAgeMs = 5

const connection = await connect({ servers: natsUrl, noAsyncTraces: true })
const manager = await jetstreamManager(connection)
await manager.consumers.add(events.name, {
  durable_name: events.consumer,
  ack_policy: AckPolicy.Explicit,
  max_ack_pending: inFlight / fanOut,
})
const broker = jetstream(connection)
const client = new Agent({ pipelining: 1, allowH2: false })
const consumer = await broker.consumers.get(events.name, events.consumer)

let lines: string[] = []
let messages: JsMsg[] = []
/** Where an event makes several deliveries: how many of them are not done yet. */
const unfinished = new Map<JsMsg, number>()
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
  if (isLast(message)) messages.push(message)
  lines.push(JSON.stringify({ sequence: message.seq, status, at: Date.now() }))
  if (lines.length >= batchSize) void store()
  else timer ??= setTimeout(() => void store(), batchAgeMs)
}

function isLast(message: JsMsg): boolean {
  if (fanOut === 1) return true
  const left = (unfinished.get(message) ?? fanOut) - 1
  if (left > 0) unfinished.set(message, left)
  else unfinished.delete(message)
  return left === 0
}

function post(message: JsMsg, endpoint: number): void {
  const signature = createHmac('sha256', 'the secret of the endpoint').update(message.data).digest('hex')
  let status = 0
  client.dispatch(
    {
      origin: origins[(message.seq * fanOut + endpoint) % origins.length] ?? '',
      path: `/ok/${endpoint}`,
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

await consumer.consume({
  max_messages: 500,
  callback: (message) => {
    for (let endpoint = 0; endpoint < fanOut; endpoint++) post(message, endpoint)
  },
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
