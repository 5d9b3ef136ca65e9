import { eventsConsumer, StreamName } from '@jethook/contracts'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnPostgres, waitFor, type OwnPostgres, type Receiver } from '../infrastructure/index.ts'
import { deliveryIdOf, startPipeline, type Pipeline, type Tenant } from './pipeline.ts'

let postgres: OwnPostgres
let pipeline: Pipeline
let tenant: Tenant

beforeAll(async () => {
  postgres = await startOwnPostgres()
  pipeline = await startPipeline({ databaseUrl: postgres.databaseUrl })
  tenant = await pipeline.createTenant('lumire')
})
afterAll(async () => {
  await pipeline.stop()
  await postgres.dispose()
})

const numbers = (receiver: Receiver): Set<number> =>
  new Set(receiver.requests.map((request) => (request.json() as { n: number }).n))

async function publishAll(type: string, from: number, to: number): Promise<void> {
  await Promise.all(Array.from({ length: to - from }, (_, i) => tenant.publish(type, `{"n":${from + i}}`)))
}

const arrivedAll = (receiver: Receiver, count: number): Promise<unknown> =>
  waitFor(() => numbers(receiver).size === count, {
    what: `${count} different events at the receiver`,
    timeoutMs: 45_000,
  })

test('what a producer publishes while ingest is down is delivered when it is back', async () => {
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url, events: ['deposit.created'] })
  await pipeline.services.ingest.kill('SIGKILL')
  await publishAll('deposit.created', 0, 50)
  expect(receiver.requests).toHaveLength(0)
  await pipeline.services.ingest.start()
  await arrivedAll(receiver, 50)
  expect(receiver.requests).toHaveLength(50)
})

test.each(['ingest', 'subscriptions'] as const)(
  '%s killed in the middle loses nothing and delivers nothing twice',
  async (name) => {
    const type = name === 'ingest' ? 'position.opened' : 'position.updated'
    const receiver = await pipeline.receiver()
    const { id } = await tenant.subscribe({ url: receiver.url, events: [type] })
    const published = publishAll(type, 0, 300)
    await receiver.waitFor(20)
    await pipeline.services[name].kill('SIGKILL')
    await published
    await publishAll(type, 300, 400)
    await pipeline.services[name].start()
    await arrivedAll(receiver, 400)
    const shown = await waitFor(
      async () => {
        const deliveries = await tenant.deliveries(id, '?status=delivered&limit=200')
        return deliveries.length === 200 && deliveries
      },
      { what: 'the log to have caught up', timeoutMs: 30_000 },
    )
    expect(new Set(shown.map(({ id: delivery }) => delivery)).size).toBe(200)
    expect(receiver.requests).toHaveLength(400)
  },
)

test('the dispatcher stopped in the middle finishes what it has in hand, and another goes on', async () => {
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url, events: ['trader.created'] })
  const published = publishAll('trader.created', 0, 300)
  await receiver.waitFor(20)
  await pipeline.services.dispatcher.restart()
  await published
  await arrivedAll(receiver, 300)
  expect(receiver.requests).toHaveLength(300)
})

test('the dispatcher killed in the middle loses nothing; what was in hand comes again under the same delivery id', async () => {
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url, events: ['trader.updated'] })
  const published = publishAll('trader.updated', 0, 300)
  await receiver.waitFor(20)
  await pipeline.services.dispatcher.kill('SIGKILL')
  await published
  await pipeline.services.dispatcher.start()
  await releaseUnacknowledged(() => arrivedAll(receiver, 300))
  const idsByEvent = new Map<number, Set<string>>()
  for (const request of receiver.requests) {
    const { n } = request.json() as { n: number }
    idsByEvent.set(n, (idsByEvent.get(n) ?? new Set()).add(deliveryIdOf(request)))
  }
  expect([...idsByEvent.values()].every((ids) => ids.size === 1)).toBe(true)
})

/**
 * What a killed dispatcher had in hand comes back after the consumer's acknowledge-wait of 90 s. A test need not wait
 * for that: a shorter one, for as long as it takes, makes the broker hand it out at once.
 */
async function releaseUnacknowledged(whileIt: () => Promise<unknown>): Promise<void> {
  const manager = await jetstreamManager(pipeline.nats)
  const { config } = await manager.consumers.info(StreamName.events, eventsConsumer.name)
  await manager.consumers.update(StreamName.events, eventsConsumer.name, { ...config, backoff: [1_000_000_000] })
  await whileIt()
  await manager.consumers.update(StreamName.events, eventsConsumer.name, config)
}

test('the broker killed and started again: what was acknowledged is delivered', async () => {
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url, events: ['trader.deleted'] })
  await publishAll('trader.deleted', 0, 100)
  await pipeline.infrastructure.nats.kill()
  await pipeline.infrastructure.nats.start()
  // Publishing until it is acknowledged, under one id, is what a producer does that must not lose anything.
  for (let n = 100; n < 150; n++) {
    await waitFor(() => tenant.publish('trader.deleted', `{"n":${n}}`, { id: `after-${n}` }), {
      what: `event ${n} to be acknowledged`,
      timeoutMs: 30_000,
    })
  }
  await arrivedAll(receiver, 150)
})

test('with Postgres stopped events are delivered, retried and given up as ever, and the log catches up afterwards', async () => {
  const receiver = await pipeline.receiver((request) => (request.path === '/failing' ? 500 : 200))
  const good = await tenant.subscribe({ url: `${receiver.url}/good`, events: ['lead.created'] })
  const failing = await tenant.subscribe({
    url: `${receiver.url}/failing`,
    events: ['lead.created'],
    retryScheduleMs: [20],
    circuitBreaker: false,
  })
  await postgres.stop()

  await publishAll('lead.created', 0, 20)
  await waitFor(() => receiver.requests.length === 60, { what: '20 deliveries and 40 failed attempts' })
  const duringOutage = await tenant.call('GET', `/v1/webhooks/${good.id}/deliveries`)
  expect(duringOutage).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
  const created = await tenant.subscribe({ url: `${receiver.url}/created-meanwhile`, events: ['lead.converted'] })

  await postgres.start()
  await waitFor(
    async () =>
      (await tenant.deliveries(good.id, '?status=delivered')).length === 20 &&
      (await tenant.deliveries(failing.id, '?status=gave_up')).length === 20,
    { what: 'the log to catch up', timeoutMs: 30_000 },
  )
  await tenant.publish('lead.converted', '{}')
  await receiver.waitFor(({ path }) => path === '/created-meanwhile')
  expect(created.id).toMatch(/^sub_/)
})
