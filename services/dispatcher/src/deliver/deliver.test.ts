import type { Subscription } from '@jethook/configuration'
import type { CalendarEntry } from '@jethook/contracts'
import { expect, test, vi } from 'vitest'
import { createDeliver, type DeliverDependencies } from './deliver.ts'

const entry = {
  deliveryId: 'dlv_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  eventSequence: 7,
  attempt: 3,
  trigger: 'replay',
} as CalendarEntry
const unordered = { id: 'sub_1', tenant: 'acme', active: true } as Subscription
const ordered = { ...unordered, ordered: true, inOrderFrom: 0 }
const putOff = { enter: () => ({ deferUntil: Date.now() + 60_000, reason: 'circuit_open' }) }

/** What is told of a replay of an event that is in order, or of one that is not. */
async function toldOf(subscription: Subscription, dependencies: object): Promise<unknown[]> {
  const replayed = vi.fn<DeliverDependencies['replayed']>()
  const deliver = createDeliver({
    lanes: putOff,
    prepare: () => ({}),
    store: async () => undefined,
    outcomes: { record: async () => undefined },
    signals: { inFlight: { inc() {}, dec() {} } },
    logger: { error() {} },
    replayed,
    ...dependencies,
  } as unknown as DeliverDependencies)
  const readEvent = () => ({ payload: Buffer.from('{}'), user: undefined })
  await deliver({ entry, subscription, coming: { due: true, probing: false }, readEvent, trace: {} })
  return replayed.mock.calls
}

test('a replay that is put off is told to whoever delivers its event in order, who may be done with it before', async () => {
  expect(await toldOf(ordered, {})).toEqual([['sub_1', 7, 3]])
  // In no order, there is nobody to be told.
  expect(await toldOf(unordered, {})).toEqual([])
})

test('so is one that is put off because something is not set up right', async () => {
  const prepare = () => {
    throw new Error('a key is missing')
  }
  expect(await toldOf(ordered, { prepare })).toEqual([['sub_1', 7, 3]])
})

test('one that was cancelled before it was attempted does not count as an attempt', async () => {
  expect(await toldOf(ordered, { lanes: { enter: () => ({ leave() {} }) }, whyNot: () => 'not_granted' })).toEqual([])
})
