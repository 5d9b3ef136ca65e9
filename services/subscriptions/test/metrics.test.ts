import { eventsConsumer, intakeConsumer, streamDefinitions, StreamName } from '@jethook/contracts'
import {
  commonSettings,
  createAskStream,
  createMetrics,
  measureLag,
  measureStreams,
  openBroker,
  readSettings,
  streamSizes,
  type Broker,
} from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnNats, waitFor, type TestServer } from '../../../test/infrastructure/index.ts'
import { publishEvent } from './projection-messages.ts'
import { recordingLogger } from './recording-logger.ts'

let nats: TestServer
let broker: Broker
beforeAll(async () => {
  nats = await startOwnNats()
  const settings = readSettings(commonSettings, { NATS_URL: nats.url, EVENTS_MAX_BYTES: '1000000' })
  const streams = streamDefinitions(streamSizes(settings))
  broker = await openBroker({ url: nats.url, name: 'test', logger: recordingLogger(), streams })
})
afterAll(async () => {
  await broker?.close()
  await nats?.dispose()
})

test('metrics tell how full streams are, and are there at once when NATS is not', async () => {
  for (const { stream, name } of [eventsConsumer, intakeConsumer])
    await broker.manager.consumers.add(stream, { durable_name: name, ack_policy: 'explicit' })
  await publishEvent(broker, 'evt_1')

  const registry = createMetrics()
  measureLag(registry, broker, [eventsConsumer, intakeConsumer])
  measureStreams(registry, createAskStream(broker), Object.values(StreamName))
  const before = await registry.metrics()
  expect(before).toMatch(/jethook_stream_bytes\{stream="EVENTS"\} [1-9]/)
  expect(before).toContain('jethook_stream_max_bytes{stream="EVENTS"} 1000000')
  expect(before).not.toContain('jethook_stream_max_bytes{stream="DELIVERIES"}')
  expect(before).toContain('jethook_stream_lag_messages{stream="EVENTS",consumer="dispatcher"} 1')

  await nats.stop()
  await waitFor(() => !broker.connected())
  const unasked = createMetrics()
  measureLag(unasked, broker, [eventsConsumer, intakeConsumer])
  measureStreams(unasked, createAskStream(broker), Object.values(StreamName))
  const startedAt = performance.now()
  const during = await unasked.metrics()
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  expect(during).toContain('process_cpu')
  expect(during).not.toContain('stream="EVENTS"')
})
