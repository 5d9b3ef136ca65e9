import { StreamName, streamDefinitions } from '@jethook/contracts'
import {
  commonSettings,
  createLogger,
  openBroker,
  readSettings,
  readStream,
  streamSizes,
  type Broker,
} from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnNats, waitFor, type TestServer } from '../../../test/infrastructure/index.ts'

const logger = createLogger('test', 'silent')
let nats: TestServer
let broker: Broker

beforeAll(async () => {
  nats = await startOwnNats()
  const settings = readSettings(commonSettings, { NATS_URL: nats.url })
  broker = await openBroker({
    url: nats.url,
    name: 'test',
    logger,
    streams: streamDefinitions(streamSizes(settings)),
  })
})
afterAll(async () => {
  await broker?.close()
  await nats?.dispose()
})

test('who has no room when reading begins, as after a consumer was lost, is sent nothing until there is some', async () => {
  for (const nth of [1, 2, 3]) await broker.publisher.publish('attempts.test', String(nth))
  let isFull = true
  let asked = 0
  const read: { readonly seq: number; readonly whileFull: boolean }[] = []
  const reading = readStream(
    broker,
    StreamName.attempts,
    () => 1,
    ({ seq }) => void read.push({ seq, whileFull: isFull }),
    logger,
    {
      isFull: () => {
        asked++
        return isFull
      },
    },
  )
  await waitFor(() => asked >= 2, { what: 'it to ask for room twice' })
  isFull = false
  await waitFor(() => read.length === 3, { what: 'all messages' })
  expect(read).toEqual([1, 2, 3].map((seq) => ({ seq, whileFull: false })))
  await reading.stop()
})

test('in portions: what comes within a portion is asked for once, a lot at once, and nothing gets lost or late', async () => {
  const { last_seq: before } = (await broker.manager.streams.info(StreamName.attempts)).state
  let asked = 0
  const listening = broker.connection.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${StreamName.attempts}.>`, {
    callback: () => void asked++,
  })
  // What the client does about a reader that is silent although it waits: it would hide a reader that waits for nothing.
  let lookedAfter = 0
  const watching = broker.connection.subscribe(`$JS.API.CONSUMER.INFO.${StreamName.attempts}.>`, {
    callback: () => void lookedAfter++,
  })
  const read: number[] = []
  const reading = readStream(
    broker,
    StreamName.attempts,
    () => before + 1,
    ({ seq }) => void read.push(seq),
    logger,
    {
      ahead: 200,
      portionEveryMs: 100,
    },
  )
  const publish = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => broker.publisher.publish('attempts.test', '')))
  const haveCome = (count: number): Promise<unknown> =>
    waitFor(() => read.length === count, { what: `${count} messages` })

  // What is asked for first does not end with what is there.
  await publish(200)
  await haveCome(200)
  asked = lookedAfter = 0
  const startedAt = performance.now()
  for (let nth = 1; nth <= 300; nth++) await publish(1)
  await haveCome(500)
  const portions = (performance.now() - startedAt) / 100
  // Twice where there are very many.
  expect(asked).toBeLessThanOrEqual(2 * portions + 3)

  await publish(2_000)
  await haveCome(2_500)
  for (let nth = 1; nth <= 3; nth++) {
    await publish(1)
    await haveCome(2_500 + nth)
  }
  expect(read).toEqual(Array.from({ length: 2_503 }, (_, index) => before + 1 + index))
  expect(lookedAfter).toBe(0)
  await reading.stop()
  listening.unsubscribe()
  watching.unsubscribe()
})

test('in portions: a reader that is stopped asks for no more, however much comes', async () => {
  let read = 0
  const reading = readStream(
    broker,
    StreamName.attempts,
    () => 1,
    () => void read++,
    logger,
    { portionEveryMs: 20 },
  )
  const publishing = new AbortController()
  const published = (async () => {
    while (!publishing.signal.aborted) await broker.publisher.publish('attempts.test', '')
  })()
  await waitFor(() => read > 500, { what: 'it to read' })
  const stopping = reading.stop()
  let isOver = false
  void stopping.then(() => (isOver = true))
  await waitFor(() => isOver, { what: 'it to stop while messages come' })
  publishing.abort()
  await published
})
