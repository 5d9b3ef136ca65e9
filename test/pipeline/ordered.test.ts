import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServices, waitFor, type Receiver, type Services } from '../infrastructure/index.ts'
import { startPipeline, type Pipeline, type Tenant } from './pipeline.ts'

let pipeline: Pipeline
let tenant: Tenant
let second: Services

beforeAll(async () => {
  const env = { ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}` }
  pipeline = await startPipeline({ env })
  second = await startServices({
    natsUrl: pipeline.infrastructure.nats.url,
    databaseUrl: pipeline.infrastructure.databaseUrl,
    env,
    only: ['dispatcher'],
  })
  tenant = await pipeline.createTenant('lumire')
})
afterAll(async () => {
  await second?.stop()
  await pipeline?.stop()
})

/** What the receiver has taken, each event once, in the order in which it took them for the first time. */
const takenBy = (receiver: Receiver, hasFailed: ReadonlySet<number>): { n: number; trader: string }[] => {
  const taken = new Map<number, { n: number; trader: string }>()
  for (const [index, request] of receiver.requests.entries()) {
    const event = request.json() as { n: number; trader: string }
    if (!hasFailed.has(index + 1) && !taken.has(event.n)) taken.set(event.n, event)
  }
  return [...taken.values()]
}

test.each([
  ['all of them', null],
  ['those of the same trader', '/trader'],
])(
  'events arrive in order, %s, though one in five fails and each dispatcher is killed',
  async (_which, orderingKey) => {
    const count = 1_000
    const hasFailed = new Set<number>()
    const receiver = await pipeline.receiver((_request, nth) => {
      if (Math.random() >= 0.2) return 200
      hasFailed.add(nth)
      return Math.random() < 0.5 ? 500 : 'disconnect'
    })
    const type = orderingKey ? 'trader.updated' : 'trader.created'
    await tenant.subscribe({
      url: receiver.url,
      events: [type],
      ordered: true,
      orderingKey,
      circuitBreaker: false,
      retryScheduleMs: Array.from({ length: 30 }, () => 10),
    })
    const publishing = (async () => {
      for (let n = 0; n < count; n++) await tenant.publish(type, JSON.stringify({ n, trader: `t${n % 7}` }))
    })()

    const taken = () => takenBy(receiver, hasFailed)
    for (const [index, dispatcher] of [pipeline.services.dispatcher, second.dispatcher].entries()) {
      await waitFor(() => taken().length >= 150 + 300 * index, { timeoutMs: 60_000, what: 'some to have arrived' })
      await dispatcher.kill('SIGKILL')
      await waitFor(() => taken().length >= 250 + 300 * index, { timeoutMs: 60_000, what: 'the other to go on' })
      await dispatcher.start()
    }
    await publishing
    await waitFor(() => taken().length === count, { timeoutMs: 60_000, what: 'all to have arrived' })

    const inversions = [...Map.groupBy(taken(), ({ trader }) => (orderingKey ? trader : 'all')).values()].flatMap(
      (group) => group.filter(({ n }, index) => index > 0 && n < (group[index - 1]?.n ?? 0)),
    )
    expect(inversions).toEqual([])
  },
  180_000,
)

test('what waits in an order is a delivery to be seen', async () => {
  const receiver = await pipeline.receiver(() => 500)
  const settings = { ordered: true, retryScheduleMs: [60_000], circuitBreaker: false }
  const { id } = await tenant.subscribe({ url: receiver.url, events: ['deposit.created'], ...settings })
  for (const n of [1, 2]) await tenant.publish('deposit.created', JSON.stringify({ n }))
  const [waiting] = await waitFor(async () => {
    const deliveries = await tenant.deliveries(id, '?status=pending')
    return deliveries.length > 0 && deliveries
  })
  expect(waiting).toMatchObject({ status: 'pending', reason: 'in_order', attempts: 0, nextAttemptAt: null })
})
