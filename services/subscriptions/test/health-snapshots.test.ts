import { randomBytes } from 'node:crypto'
import { createId, streamDefinitions } from '@jethook/contracts'
import { commonSettings, createLogger, openBroker, readSettings, streamSizes, type Broker } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnNats, type TestServer } from '../../../test/infrastructure/index.ts'
import { foldResults, type Conditions } from '../src/endpoint-health/condition.ts'
import { createSnapshots } from '../src/endpoint-health/snapshots.ts'

let nats: TestServer
let broker: Broker
beforeAll(async () => {
  nats = await startOwnNats()
  const settings = readSettings(commonSettings, { NATS_URL: nats.url })
  const streams = streamDefinitions(streamSizes(settings))
  broker = await openBroker({ url: nats.url, name: 'test', logger: createLogger('test', 'silent'), streams })
})
afterAll(async () => {
  await broker?.close()
  await nats?.dispose()
})

const deliveryId = (): string => `dlv_${randomBytes(16).toString('hex')}`

test.each([2, 5])(
  'of 25,000 webhooks of which %i deliveries fail at once all is stored in one message',
  async (length) => {
    const conditions: Conditions = new Map()
    for (let number = 0; number < 25_000; number++) {
      const at = Date.now() - randomBytes(4).readUInt32BE()
      const failures = Array.from({ length }, (_, index): [string, number] => [deliveryId(), at + index])
      foldResults(conditions, { tenant: `tenant-${number % 100}`, subscriptionId: createId('sub', at), failures }, 0)
    }
    const snapshot = { position: 7, conditions: [...conditions] }
    const snapshots = createSnapshots(broker)
    await snapshots.load()
    await snapshots.save(snapshot)
    expect(await createSnapshots(broker).load()).toEqual(snapshot)
  },
)
