import type { Subscription } from '@jethook/configuration'
import { expect, test, vi } from 'vitest'
import type { AcceptedEvent } from '../deliver/accepted-event.ts'
import { OrderQueue } from './order-queue.ts'
import { ReadAhead, unread } from './read-ahead.ts'

const event = (sequence: number, payload: Uint8Array = Buffer.from('{}')): AcceptedEvent => ({
  tenant: 'acme',
  eventType: 'order.paid',
  eventId: `evt_${sequence}`,
  sequence,
  acceptedAt: 0,
  configSequence: 1,
  onlySubscription: '',
  content: { payload, user: undefined },
  trace: {},
})

test('what was read for a subscription that changed meanwhile is read again', async () => {
  const before = { orderingKey: null, active: false } as Subscription
  const after = { ...before, active: true }
  const asked: Subscription[] = []
  let now = before
  const ahead = new ReadAhead(
    async (subscription) => {
      asked.push(subscription)
      now = after
      return [{ event: event(10), key: subscription.active ? '' : undefined }]
    },
    { bytes: 0 },
  )
  const queue = new OrderQueue({ floor: 0, upTo: 0, waiting: [], stuck: [] })
  ahead.nudge(10)
  expect(await ahead.read(before, queue, () => now !== before)).toBe(false)
  expect([queue.readUpTo, queue.ready(0, 1)]).toEqual([0, []])
  expect(await ahead.read(after, queue, () => now !== after)).toBe(false)
  expect(asked).toEqual([before, after])
  expect(queue.ready(0, 1)).toMatchObject([{ sequence: 10 }])
})

const subscription = { orderingKey: '/key', active: true } as Subscription
const nothingChanges = (): boolean => false
const newQueue = (): OrderQueue => new OrderQueue({ floor: 0, upTo: 0, waiting: [], stuck: [] })

test('a payload that is kept does not keep all that came with it', async () => {
  const received = new Uint8Array(65_536)
  const ahead = new ReadAhead(async () => [{ event: event(1, received.subarray(100, 110)), key: 'a' }], { bytes: 0 })
  ahead.nudge(1)
  await ahead.read(subscription, newQueue(), nothingChanges)
  const { payload } = ahead.event(1).content
  expect([payload.length, payload.buffer.byteLength]).toEqual([10, 10])
})

test('all orders together keep so many payloads in memory, and read the others when it is their turn', async () => {
  const large = new Uint8Array(1_000_000)
  const all = { bytes: 0 }
  const readers = Array.from({ length: 100 }, () => {
    const ahead = new ReadAhead(async () => [1, 2, 3].map((n) => ({ event: event(n, large), key: `k${n}` })), all)
    ahead.nudge(3)
    return ahead
  })
  const keptBy = (ahead: ReadAhead): number => [1, 2, 3].filter((n) => ahead.event(n).content.payload !== unread).length
  const readAll = async (): Promise<number> => {
    for (const ahead of readers) await ahead.read(subscription, newQueue(), nothingChanges)
    return readers.reduce((sum, ahead) => sum + keptBy(ahead), 0)
  }
  const kept = await readAll()
  expect(kept).toBeGreaterThan(3)
  expect(kept).toBeLessThan(50)
  for (const ahead of readers) ahead.end()
  const after = new ReadAhead(async () => [{ event: event(1, large), key: 'a' }], all)
  after.nudge(1)
  await after.read(subscription, newQueue(), nothingChanges)
  expect(after.event(1).content.payload).not.toBe(unread)
  after.end()
  expect(all.bytes).toBe(0)
})

test('where nothing comes, looks get rarer, until somebody says that there is something', async () => {
  vi.useFakeTimers()
  const looks: number[] = []
  const ahead = new ReadAhead(
    async () => {
      looks.push(performance.now())
      return []
    },
    { bytes: 0 },
  )
  const queue = newQueue()
  const goOnFor = async (ms: number): Promise<number[]> => {
    const first = looks.length
    const end = performance.now() + ms
    while (performance.now() < end) {
      await ahead.read(subscription, queue, nothingChanges)
      vi.advanceTimersByTime(Math.min(ahead.lookAgainMs(queue), end - performance.now()))
    }
    return looks.slice(first).map((at, nth) => Math.round(at - (looks[first + nth - 1] ?? at)))
  }
  expect(await goOnFor(130_000)).toEqual([0, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  ahead.nudge(0)
  expect(await goOnFor(10_000)).toEqual([12_000, 4_000])
  vi.useRealTimers()
})

test('where there is no room nobody need look again before something is through, also with events to come', async () => {
  let next = 1
  const ahead = new ReadAhead(async () => [{ event: event(next), key: `k${next++}` }], { bytes: 0 })
  const queue = newQueue()
  ahead.nudge(1_000_000)
  const isFull = async (): Promise<boolean> => ahead.read(subscription, queue, nothingChanges)
  while (!(await isFull())) expect(queue.size).toBeLessThanOrEqual(1_000)
  expect(ahead.lookAgainMs(queue)).toBeGreaterThan(1_000)
  const [first] = queue.ready(0, 1)
  queue.through(first ?? expect.fail())
  expect(await isFull()).toBe(false)
})

test('what is paused takes little memory, and none of what all have for payloads', async () => {
  let next = 1
  const all = { bytes: 0 }
  const ahead = new ReadAhead(async () => [{ event: event(next), key: `k${next++}` }], all)
  const queue = newQueue()
  ahead.nudge(1_000_000)
  const isFull = (paused: boolean): Promise<boolean> => ahead.read({ ...subscription, paused }, queue, nothingChanges)
  while (!(await isFull(true))) expect(queue.size).toBeLessThanOrEqual(100)
  expect([ahead.event(1).content.payload, all.bytes]).toEqual([unread, 0])
  // Resumed, it goes on.
  expect(await isFull(false)).toBe(false)
  expect(all.bytes).toBeGreaterThan(0)
})
