import type { ConsumerDefinition } from '@jethook/contracts'
import { consumeShared, createLogger, openBroker, type Broker, type Consumption } from '@jethook/runtime'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startOwnNats, waitFor, type TestServer } from '../../../test/infrastructure/index.ts'

const logger = createLogger('test', 'silent')
let nats: TestServer
let broker: Broker

beforeAll(async () => {
  nats = await startOwnNats()
  broker = await openBroker({ url: nats.url, name: 'test', logger, streams: [] })
})
afterAll(async () => {
  await broker?.close()
  await nats?.dispose()
})

const birds: ConsumerDefinition = {
  stream: 'BIRDS',
  name: 'watcher',
  description: 'Sees birds.',
  filter: 'birds.>',
  maxInFlight: 100,
  ackWaitMs: 20_000,
  backoffMs: [20_000],
}

const addStream = () => broker.manager.streams.add({ name: birds.stream, subjects: [birds.filter] })

async function publish(...names: string[]): Promise<void> {
  for (const name of names) await broker.publisher.publish('birds.seen', name)
}

/** Three were seen and acknowledged before: who consumes from now on knows that from the consumer alone. */
beforeEach(async () => {
  await broker.manager.streams.delete(birds.stream).catch(() => undefined)
  await addStream()
  const { seen, consumption } = watch()
  await publish('wren', 'robin', 'finch')
  await waitFor(() => seen.length === 3, { what: 'three birds' })
  await waitFor(
    async () => (await broker.manager.consumers.info(birds.stream, birds.name)).ack_floor.stream_seq === 3,
    { what: 'all to be acknowledged' },
  )
  await consumption.stop()
})

function watch(isFull = () => false): { readonly seen: string[]; readonly consumption: Consumption } {
  const seen: string[] = []
  const consumption = consumeShared(
    broker,
    birds,
    (message) => {
      seen.push(message.string())
      message.ack()
    },
    logger,
    { isFull },
  )
  return { seen, consumption }
}

test('a consumer that is deleted just after a start goes on where it was', async () => {
  const { seen, consumption } = watch()
  await waitFor(() => consumption.working(), { what: 'it to consume' })
  await broker.manager.consumers.delete(birds.stream, birds.name)
  await publish('owl')
  await waitFor(() => seen.includes('owl'), { what: 'the owl' })
  expect(seen).toEqual(['owl'])
  await consumption.stop()
})

test('of a stream that was made anew everything comes, also when it has grown beyond where the former one was', async () => {
  let isFull = false
  const { seen, consumption } = watch(() => isFull)
  await waitFor(() => consumption.working(), { what: 'it to consume' })
  isFull = true
  await broker.manager.streams.delete(birds.stream)
  await waitFor(() => !consumption.working(), { what: 'it to notice' })
  await addStream()
  const all = ['owl', 'swift', 'crow', 'heron', 'kite']
  await publish(...all)
  isFull = false
  await waitFor(() => seen.includes('kite'), { what: 'the last bird' })
  expect(seen).toEqual(all)
  await consumption.stop()
})
