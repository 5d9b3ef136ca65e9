import type { Subscription } from '@jethook/configuration'
import type { DeliveryOutcome, OrderProgress } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AcceptedEvent } from '../deliver/accepted-event.ts'
import { OrderWorker, type OrderWorkerDependencies } from './order-worker.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const event: AcceptedEvent = {
  tenant: 'acme',
  eventType: 'order.paid',
  eventId: 'evt_1',
  sequence: 1,
  acceptedAt: 0,
  configSequence: 1,
  onlySubscription: '',
  content: { payload: Buffer.from('{}'), user: undefined },
  trace: {},
}

/** One ordered subscription with one event, and what is stored of it. */
function startWorker(subscription: Subscription, dependencies: object) {
  const it = { subscription, progress: [] as OrderProgress[] }
  const broker = {
    connection: { publish() {}, subscribe: () => ({ unsubscribe() {} }) },
    manager: { streams: { getMessage: async () => null } },
    publisher: {
      async publish(_subject: string, progress: string) {
        it.progress.push(JSON.parse(progress) as OrderProgress)
        return { sequence: 1 }
      },
    },
  } as unknown as Broker
  const worker = new OrderWorker(
    {
      broker,
      configuration: { subscription: () => it.subscription, profileOf: () => undefined },
      id: 'dsp_1',
      lives: () => true,
      kept: { bytes: 0 },
      readEvents: async (_of: Subscription, after: number) => (after === 0 ? [{ event, key: '' }] : []),
      ...dependencies,
    } as unknown as OrderWorkerDependencies,
    subscription,
  )
  return Object.assign(it, { worker })
}
const ordered = {
  id: 'sub_1',
  tenant: 'acme',
  ordered: true,
  orderingKey: null,
  inOrderFrom: 0,
  active: true,
} as Subscription

test('what became of one that waited is not stored before that it waited: the log would show it as waiting for ever', async () => {
  const storing: { outcome: DeliveryOutcome['outcome']; stored: () => void }[] = []
  const it = startWorker(
    { ...ordered, paused: true },
    {
      outcomes: {
        record: ({ outcome }: DeliveryOutcome) =>
          new Promise<void>((resolve) => void storing.push({ outcome, stored: resolve })),
      },
    },
  )
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing).toMatchObject([{ outcome: { type: 'deferred', reason: 'paused' } }])

  // NATS does not take it yet.
  it.subscription = { ...ordered, active: false }
  it.worker.nudge()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing).toHaveLength(1)
  storing[0]?.stored()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing.slice(1)).toMatchObject([{ outcome: { type: 'cancelled', reason: 'subscription_inactive' } }])
  storing[1]?.stored()
  await it.worker.stop()
})

test('what a replay delivered while it waited for its turn is not delivered again when the turn comes', async () => {
  const turn = Promise.withResolvers<{ leave(): void }>()
  const prepared = {}
  const post = vi.fn<() => void>()
  const it = startWorker(ordered, {
    lanes: { enter: () => turn.promise },
    prepare: () => prepared,
    signals: { inFlight: { inc() {}, dec() {} } },
    post,
  })
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.replayed(1, 0)
  turn.resolve({ leave() {} })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(post).not.toHaveBeenCalled()
  expect(it.progress.at(-1)).toMatchObject({ upTo: 1, waiting: [] })
  await it.worker.stop()
})
