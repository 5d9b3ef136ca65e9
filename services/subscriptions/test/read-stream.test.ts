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
