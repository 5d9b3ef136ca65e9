import type { Subscription } from '@jethook/configuration'
import type { CalendarEntry } from '@jethook/contracts'
import { expect, test, vi } from 'vitest'
import { createDeliver, type DeliverDependencies } from './deliver.ts'

test('a replay that is put off is told to whoever delivers its event in order, who may be done with it before', async () => {
  const replayed = vi.fn<DeliverDependencies['replayed']>()
  const deliver = createDeliver({
    lanes: { enter: () => ({ deferUntil: Date.now() + 60_000, reason: 'circuit_open' }) },
    prepare: () => ({}),
    store: async () => undefined,
    outcomes: { record: async () => undefined },
    replayed,
  } as unknown as DeliverDependencies)
  const entry = {
    deliveryId: 'dlv_1',
    tenant: 'acme',
    subscriptionId: 'sub_1',
    eventSequence: 7,
    attempt: 3,
    trigger: 'replay',
  } as CalendarEntry
  const subscription = { id: 'sub_1', tenant: 'acme', active: true, ordered: true, inOrderFrom: 0 } as Subscription
  const wanted = { entry, coming: { due: true, probing: false }, readEvent: () => undefined, trace: {} }
  await deliver({ ...wanted, subscription })
  expect(replayed.mock.calls).toEqual([['sub_1', 7, 3]])
  // In no order, there is nobody to be told.
  await deliver({ ...wanted, subscription: { id: 'sub_1', tenant: 'acme', active: true } as Subscription })
  expect(replayed).toHaveBeenCalledTimes(1)
})
