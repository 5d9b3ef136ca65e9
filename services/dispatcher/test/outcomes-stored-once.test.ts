import { MessageHeader, streamDefinitions, StreamName, type DeliveryOutcome } from '@jethook/contracts'
import { commonSettings, createLogger, openBroker, PublishError, readSettings, streamSizes } from '@jethook/runtime'
import type { Broker, Publisher } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnNats, type TestServer } from '../../../test/infrastructure/index.ts'
import { createOutcomeRecorder } from '../src/outcomes/record-outcomes.ts'
import { createStoreMessage } from '../src/outcomes/store-message.ts'

const logger = createLogger('test', 'silent')
let nats: TestServer
let broker: Broker

beforeAll(async () => {
  nats = await startOwnNats()
  const settings = readSettings(commonSettings, { NATS_URL: nats.url })
  broker = await openBroker({ url: nats.url, name: 'test', logger, streams: streamDefinitions(streamSizes(settings)) })
})
afterAll(async () => {
  await broker?.close()
  await nats?.dispose()
})

test('failures whose acknowledgement was lost are stored again, and counted once', async () => {
  let isLost = false
  const publish: Publisher['publish'] = async (...message) => {
    const stored = await broker.publisher.publish(...message)
    if (isLost) return stored
    isLost = true
    throw new PublishError('no_acknowledgement', 'It was on its way when the connection broke.')
  }
  const store = createStoreMessage({ ...broker.publisher, publish }, logger)
  const recorder = createOutcomeRecorder(store, 'dsp_1', 1_048_576)
  await recorder.record(failure(1))
  await recorder.record(failure(2))

  const { manager } = broker
  const { state } = await manager.streams.info(StreamName.attempts)
  expect(state.messages).toBe(2)
  const told = await Promise.all([1, 2].map((seq) => manager.streams.getMessage(StreamName.attempts, { seq })))
  expect(told.map((message) => message?.header.get(MessageHeader.results))).toEqual([
    expect.stringContaining('dlv_1'),
    expect.stringContaining('dlv_2'),
  ])
})

const failure = (number: number): DeliveryOutcome => ({
  deliveryId: `dlv_${number}`,
  tenant: 'acme',
  subscriptionId: 'sub_1',
  eventId: `evt_${number}`,
  eventType: 'deposit.settled',
  eventSequence: number,
  acceptedAt: 1_000,
  at: 2_000,
  outcome: { type: 'retry', at: 3_000 },
  attempt: {
    id: `att_${number}`,
    number: 1,
    trigger: 'event',
    url: 'https://receiver.example/webhooks',
    startedAt: 1_500,
    durationMs: 500,
    requestHeaders: {},
    response: { status: 500, headers: {}, body: '', bodyTruncated: false },
    error: null,
  },
})
