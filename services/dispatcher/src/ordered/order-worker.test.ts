import type { Subscription } from '@jethook/configuration'
import type { DeliveryOutcome } from '@jethook/contracts'
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

test('what became of one that waited is not stored before that it waited: the log would show it as waiting for ever', async () => {
  const paused = { id: 'sub_1', tenant: 'acme', ordered: true, orderingKey: null, inOrderFrom: 0 } as Subscription
  let subscription: Subscription = { ...paused, active: true, paused: true }
  const storing: { outcome: DeliveryOutcome['outcome']; stored: () => void }[] = []
  const broker = {
    connection: { publish() {}, subscribe: () => ({ unsubscribe() {} }) },
    manager: { streams: { getMessage: async () => null } },
    publisher: { publish: async () => ({ sequence: 1 }) },
  } as unknown as Broker
  const worker = new OrderWorker(
    {
      broker,
      configuration: { subscription: () => subscription, profileOf: () => undefined },
      id: 'dsp_1',
      lives: () => true,
      kept: { bytes: 0 },
      readEvents: async (_of: Subscription, after: number) => (after === 0 ? [{ event, key: '' }] : []),
      outcomes: {
        record: ({ outcome }: DeliveryOutcome) =>
          new Promise<void>((resolve) => void storing.push({ outcome, stored: resolve })),
      },
    } as unknown as OrderWorkerDependencies,
    subscription,
  )
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing).toMatchObject([{ outcome: { type: 'deferred', reason: 'paused' } }])

  // NATS does not take it yet.
  subscription = { ...subscription, active: false, paused: false }
  worker.nudge()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing).toHaveLength(1)
  storing[0]?.stored()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing.slice(1)).toMatchObject([{ outcome: { type: 'cancelled', reason: 'subscription_inactive' } }])
  storing[1]?.stored()
  await worker.stop()
})
