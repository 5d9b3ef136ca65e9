import type { Configuration, Subscription } from '@jethook/configuration'
import { dispatchersSubject, type OrderProgress } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOrderKeepers, type OrderKeepersOptions } from './order-keepers.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** One dispatcher with one ordered subscription, what it tells the others, and how often it asked how far the order is. */
function startKeepers(stored: OrderProgress | null = null) {
  const subscription = { id: 'sub_1', tenant: 'acme', ordered: true, orderingKey: null, inOrderFrom: 0 } as Subscription
  const told: string[] = []
  const it = { isOurs: true, told, asked: 0 }
  const getMessage = async () => {
    it.asked++
    return stored && { seq: 1, json: () => stored, time: new Date() }
  }
  const broker = {
    connected: () => true,
    connection: {
      publish: (subject: string, numbers: string) => void told.push(`${subject} ${numbers}`),
      subscribe: () => ({ unsubscribe() {} }),
      async *status() {},
    },
    manager: { streams: { getMessage } },
    publisher: { publish: async () => ({ sequence: 1 }) },
  } as unknown as Broker
  const configuration = {
    tenants: () => [{ id: 'acme' }],
    subscriptions: () => new Map([['sub_1', subscription]]),
    subscription: () => subscription,
    profileOf: () => undefined,
  } as unknown as Configuration
  const keepers = createOrderKeepers({
    broker,
    configuration,
    id: 'dsp_1',
    peers: { owns: () => it.isOurs },
    lives: () => true,
    readEvents: async () => [],
  } as unknown as OrderKeepersOptions)
  return Object.assign(it, { keepers })
}

test('what comes right after an order was handed over is told to whoever has it now', async () => {
  const it = startKeepers()
  await vi.advanceTimersByTimeAsync(1_000)
  it.keepers.nudge('sub_1', 1)
  it.keepers.replayed('sub_1', 1)
  expect(it.told).toEqual([])

  it.isOurs = false
  await vi.advanceTimersByTimeAsync(500)
  it.keepers.nudge('sub_1', 2)
  it.keepers.replayed('sub_1', 2, 3)
  expect(it.told).toEqual([`${dispatchersSubject.order('sub_1')} 2`, `${dispatchersSubject.replayed('sub_1')} 2 3`])
  await it.keepers.stop()
})

test('what comes while another dispatcher still holds an order does not make this one ask for it more often', async () => {
  const it = startKeepers({ holder: 'dsp_2', floor: 0, upTo: 0, waiting: [], stuck: [] })
  for (let sequence = 1; sequence <= 200; sequence++) {
    it.keepers.nudge('sub_1', sequence)
    await vi.advanceTimersByTimeAsync(5)
  }
  // Four times a second.
  expect(it.asked).toBeGreaterThanOrEqual(4)
  expect(it.asked).toBeLessThan(10)
  await it.keepers.stop()
})

test('what became of a replay while another dispatcher still holds the order is told to that one', async () => {
  const it = startKeepers({ holder: 'dsp_2', floor: 0, upTo: 0, waiting: [], stuck: [] })
  await vi.advanceTimersByTimeAsync(1_000)
  it.keepers.replayed('sub_1', 1)
  expect(it.told).toEqual([`${dispatchersSubject.replayed('sub_1')} 1 0`])
  await it.keepers.stop()
})
