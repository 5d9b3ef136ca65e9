import { createLogger, messageHeaders, openBroker, readBatch, readLatest, type Broker } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnNats, type TestServer } from '../../../test/infrastructure/index.ts'

let nats: TestServer
let broker: Broker

beforeAll(async () => {
  nats = await startOwnNats()
  broker = await openBroker({ url: nats.url, name: 'test', logger: createLogger('test', 'silent'), streams: [] })
  await broker.manager.streams.add({ name: 'BIRDS', subjects: ['birds.>'], allow_direct: true })
  for (const bird of ['wren', 'robin', 'wren', 'wren']) await broker.publisher.publish(`birds.${bird}`, bird)
})
afterAll(async () => {
  await broker?.close()
  await nats?.dispose()
})

/** What the client keeps to itself. */
interface Internals {
  readonly protocol: { readonly subscriptions: { readonly subs: ReadonlyMap<number, unknown> } }
}

const read = async (filter: string, sequence: number, batchSize: number): Promise<number[]> =>
  (await readBatch(broker, 'BIRDS', { filter, sequence, batchSize })).map(({ seq }) => seq)

test('what matches comes in order, as much as was asked for', async () => {
  expect(await read('birds.wren', 1, 2)).toEqual([1, 3])
  expect(await read('birds.wren', 2, 10)).toEqual([3, 4])
  expect(await read('birds.>', 1, 10)).toEqual([1, 2, 3, 4])
  expect(await read('birds.wren', 5, 10)).toEqual([])
  expect(await read('birds.owl', 1, 10)).toEqual([])
})

test('reading leaves no subscription behind', async () => {
  const { subs } = (broker.connection as unknown as Internals).protocol.subscriptions
  const known = new Set(subs.keys())
  await Promise.all([read('birds.wren', 1, 2), read('birds.wren', 1, 10), read('birds.owl', 1, 10)])
  expect(Array.from(subs.keys()).filter((id) => !known.has(id))).toEqual([])
})

test('a server that falls silent in the middle of its answer is not waited for for ever', async () => {
  const { connection } = broker
  const headers = messageHeaders({
    'Nats-Stream': 'LOST',
    'Nats-Subject': 'birds.wren',
    'Nats-Sequence': '1',
    'Nats-Num-Pending': '1',
  })
  const replica = connection.subscribe('$JS.API.DIRECT.GET.LOST', {
    callback: (_error, request) => void request.respond('the first of two', { headers }),
  })
  await expect(readBatch(broker, 'LOST', { filter: 'birds.>', sequence: 1, batchSize: 2 })).rejects.toThrow('timeout')
  replica.unsubscribe()
})

test('the latest message of each subject, be there a thousand, and none at all when there are more', async () => {
  const latest = async (filter: string): Promise<number[] | undefined> =>
    (await readLatest(broker, 'BIRDS', filter))?.map(({ seq }) => seq)
  expect(await latest('birds.*')).toEqual([2, 4])
  expect(await latest('birds.owl')).toEqual([])
  const hatch = (from: number, to: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: to - from }, (_, nth) => broker.publisher.publish(`birds.nest.${from + nth}`, 'chick')),
    )
  await hatch(0, 1_024)
  expect(await latest('birds.nest.*')).toHaveLength(1_024)
  await hatch(1_024, 1_025)
  expect(await latest('birds.nest.*')).toBeUndefined()
})
