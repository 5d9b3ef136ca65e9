import { randomBytes } from 'node:crypto'
import { changesCountAfterMs, followConfiguration, type ConfigurationFollower } from '@jethook/configuration'
import {
  defaultDeliveryRules,
  configSubject,
  createId,
  EncryptedSecret,
  streamDefinitions,
  type DomainEvent,
  type SubscriptionCreated,
} from '@jethook/contracts'
import { createLogger, createMetrics, openBroker, streamSizes, type Broker } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnNats, type TestServer } from '../../../test/infrastructure/index.ts'
import { createAppender, type AppendDecision } from '../src/append/append-decision.ts'
import { readConfig } from '../src/config.ts'
import { createSignals } from '../src/signals.ts'

let nats: TestServer
let broker: Broker
let follower: ConfigurationFollower
let append: AppendDecision

beforeAll(async () => {
  nats = await startOwnNats()
  const logger = createLogger('test', 'silent')
  const config = readConfig({
    NATS_URL: nats.url,
    DATABASE_URL: 'postgres://nowhere',
    OPERATOR_KEY: 'operator-key-of-the-tests',
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  })
  broker = await openBroker({ url: nats.url, name: 'test', logger, streams: streamDefinitions(streamSizes(config)) })
  follower = await followConfiguration(broker, logger)
  const signals = createSignals({ logger, metrics: createMetrics(), isDatabaseUp: async () => true })
  append = createAppender({ follower, publisher: broker.publisher, signals })
})
afterAll(async () => {
  await follower?.stop()
  await broker?.close()
  await nats?.dispose()
})

const tenantCreated = (tenant: string): DomainEvent => ({
  type: 'TenantCreated',
  tenant,
  at: Date.now(),
  by: 'operator',
  name: tenant,
  profile: 'lumirecrm',
})

const subscriptionCreated = (tenant: string): SubscriptionCreated => ({
  type: 'SubscriptionCreated',
  tenant,
  at: Date.now(),
  by: 'operator',
  subscriptionId: createId('sub', Date.now()),
  settings: {
    url: 'https://example.com',
    events: ['deposit.settled'],
    description: null,
    active: true,
    retryScheduleMs: null,
    timeoutMs: null,
    ...defaultDeliveryRules,
  },
  secret: EncryptedSecret.parse('k1.sealed'),
})

/** Stores an event as another replica would; on its way before this returns. */
function getInFirst(event: SubscriptionCreated): void {
  const subject = configSubject(event.tenant, 'subscription', event.subscriptionId)
  void broker.publisher.publish(subject, JSON.stringify(event))
}

test('what was decided on an outdated state is decided again on the new one', async () => {
  await append('again', () => tenantCreated('again'))
  const [ours, theirs] = [subscriptionCreated('again'), subscriptionCreated('again')]
  const seen: string[][] = []
  await append('again', ({ subscriptions }) => {
    seen.push([...subscriptions.keys()])
    if (seen.length === 1) getInFirst(theirs)
    return ours
  })
  expect(seen).toEqual([[], [theirs.subscriptionId]])
  expect([...follower.configuration.subscriptions('again').keys()]).toEqual([
    theirs.subscriptionId,
    ours.subscriptionId,
  ])
})

test('a change of another tenant is no conflict', async () => {
  await append('one', () => tenantCreated('one'))
  await append('two', () => tenantCreated('two'))
  let decisions = 0
  await append('one', () => {
    decisions++
    getInFirst(subscriptionCreated('two'))
    return subscriptionCreated('one')
  })
  expect(decisions).toBe(1)
})

test('who loses every time is told so, and nothing of it is stored', async () => {
  await append('crowded', () => tenantCreated('crowded'))
  const ours = subscriptionCreated('crowded')
  const losing = append('crowded', () => {
    getInFirst(subscriptionCreated('crowded'))
    return ours
  })
  await expect(losing).rejects.toMatchObject({ code: 'conflict' })
  expect(follower.configuration.subscription('crowded', ours.subscriptionId)).toBeUndefined()
})

test('a decision that fails or decides nothing stores nothing', async () => {
  await append('calm', () => tenantCreated('calm'))
  const before = follower.configuration.sequenceOf('calm')
  const failing = append('calm', () => {
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await append('calm', () => undefined)).toBeUndefined()
  await follower.upToDate()
  expect(follower.configuration.sequenceOf('calm')).toBe(before)
})

test('whether there are changes is asked a hundred times a second at most, however often somebody wants to know', async () => {
  let asked = 0
  const listening = broker.connection.subscribe('$JS.API.STREAM.MSG.GET.CONFIG', { callback: () => void asked++ })
  const startedAt = performance.now()
  let calls = 0
  for (; calls < 10_000; calls++) {
    await follower.caughtUp()
    if (calls % 100 === 0) await broker.connection.flush()
  }
  const elapsedMs = performance.now() - startedAt
  listening.unsubscribe()
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThanOrEqual(elapsedMs / 10 + 1)
})

test('nobody is told of a change before it counts everywhere', async () => {
  await append('told', () => tenantCreated('told'))
  const storedAfter = performance.now()
  await append('told', () => subscriptionCreated('told'))
  await follower.knownToAll()
  expect(performance.now() - storedAfter).toBeGreaterThanOrEqual(changesCountAfterMs)
})
