import type { OrderProgress } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { OrderQueue, type OrderedItem } from './order-queue.ts'

type Progress = Omit<OrderProgress, 'holder'>

const none: Progress = { floor: 0, upTo: 0, waiting: [], stuck: [] }

/** Events 1, 2, 3, … with these keys. */
function queueOf(keys: readonly (string | undefined)[], progress = none): OrderQueue {
  const queue = new OrderQueue(progress)
  for (const [index, key] of keys.entries()) if (index + 1 > progress.floor) queue.read(index + 1, key, 0)
  return queue
}
const sequences = (items: readonly OrderedItem[]): number[] => items.map(({ sequence }) => sequence)

function startFirst(queue: OrderQueue): OrderedItem {
  const [item] = queue.ready(0, 1)
  if (!item) throw new Error('nothing is ready')
  queue.start(item)
  return item
}
function deliver(queue: OrderQueue, item: OrderedItem): void {
  queue.letGo(item)
  queue.through(item)
}

test('only the first of each key may be attempted', () => {
  const queue = queueOf(['a', 'b', 'a', 'b', 'c'])
  expect(sequences(queue.ready(0, 10))).toEqual([1, 2, 5])
  expect(sequences(queue.ready(0, 2))).toEqual([1, 2])
})

test('the next of a key may be attempted when the one before is let go, not while it is attempted or waits', () => {
  const queue = queueOf(['a', 'a'])
  const first = startFirst(queue)
  expect(queue.ready(0, 10)).toEqual([])
  queue.postpone(first, { attempt: 2, retries: 1, at: 500 })
  expect([queue.ready(499, 10), queue.nextAt(0)]).toEqual([[], 500])
  expect(queue.ready(500, 10)).toMatchObject([{ sequence: 1, attempt: 2, retries: 1 }])
  queue.letGo(first)
  expect(sequences(queue.ready(500, 10))).toEqual([2])
})

test('one that waits, be it behind others, is known until it is attempted or let go', () => {
  const queue = queueOf(['a', 'b', 'a'])
  expect(queue.waiting(2)).toMatchObject({ sequence: 2, key: 'b' })
  expect([queue.waiting(3), queue.waiting(4)]).toMatchObject([{ sequence: 3, key: 'a' }, undefined])
  const first = startFirst(queue)
  expect(queue.waiting(1)).toBeUndefined()
  queue.postpone(first, { attempt: 2, retries: 1, at: 500 })
  expect(queue.waiting(1)).toMatchObject({ sequence: 1, at: 500 })
  deliver(queue, queue.waiting(3) ?? expect.fail())
  expect(queue.waiting(3)).toBeUndefined()
  deliver(queue, first)
  expect(sequences(queue.ready(500, 10))).toEqual([2])
})

test('what waits for its turn may be recalled, what waits for its retry keeps its time', () => {
  const queue = queueOf(['a', 'b'])
  const [first, second] = queue.ready(0, 2)
  if (!first || !second) throw new Error('nothing is ready')
  for (const item of [first, second]) queue.start(item)
  queue.postpone(first, { ...first, at: 500, deferred: 'saturated' })
  queue.postpone(second, { attempt: 2, retries: 1, at: 500 })
  queue.recall()
  expect(sequences(queue.ready(0, 10))).toEqual([1])
})

test('who has waited for long is told once, and whether others come first; not who is attempted, or was', () => {
  const queue = new OrderQueue(none)
  for (const [index, key] of ['a', 'a', 'b', 'c', 'd'].entries()) queue.read(index + 1, key, index)
  const [first, third, fourth, fifth] = queue.ready(0, 4)
  if (!first || !third || !fourth || !fifth) throw new Error('nothing is ready')
  for (const item of [first, third, fourth]) queue.start(item)
  queue.postpone(first, { attempt: 2, retries: 1, at: 500 })
  queue.postpone(fourth, { ...fourth, at: 700, deferred: 'rate_limited' })
  expect([queue.firstReadAt, queue.waitedSince(-1)]).toEqual([1, []])
  expect(queue.waitedSince(3)).toMatchObject([
    { item: { sequence: 2 }, behindOthers: true },
    { item: { sequence: 4, at: 700, deferred: 'rate_limited' }, behindOthers: false },
  ])
  expect([queue.firstReadAt, queue.waitedSince(3)]).toEqual([4, []])
  // What is through is not waited for any longer.
  queue.start(fifth)
  deliver(queue, fifth)
  expect([queue.waitedSince(3), queue.firstReadAt]).toEqual([[], undefined])
})

test('who waited for a turn and is put off is told of then, and not who was delivered meanwhile', () => {
  const queue = queueOf(['a', 'b', 'c', 'd'])
  const [first, second, third, fourth] = queue.ready(0, 4)
  if (!first || !second || !third || !fourth) throw new Error('nothing is ready')
  for (const item of [first, second, third, fourth]) queue.start(item)
  // Nobody is to look again before something becomes of them.
  expect([queue.waitedSince(3), queue.firstReadAt]).toEqual([[], undefined])
  queue.postpone(first, { ...first, at: 500, deferred: 'circuit_open' })
  queue.postpone(second, { attempt: 2, retries: 1, at: 500 })
  // That it was delivered is not stored yet.
  queue.letGo(third)
  expect(queue.waitedSince(3)).toMatchObject([{ item: { sequence: 1, at: 500 }, behindOthers: false }])
  queue.postpone(fourth, fourth)
  expect(queue.waitedSince(3)).toMatchObject([{ item: { sequence: 4 }, behindOthers: false }])
  expect(queue.waitedSince(3)).toEqual([])
})

test('who waits for others and was attempted by a replay before is not told of', () => {
  const queue = queueOf(['a', 'a'])
  queue.count(queue.waiting(2) ?? expect.fail(), 2)
  startFirst(queue)
  expect(queue.waitedSince(3)).toEqual([])
})

test('the floor rises over what is through and what does not concern the subscription', () => {
  const queue = queueOf(['a', undefined, 'b', 'a', undefined])
  const [first, third] = queue.ready(0, 10)
  if (!first || !third) throw new Error('unreachable')
  deliver(queue, third)
  expect(queue.progress()).toEqual({ floor: 0, upTo: 3, waiting: [1], stuck: [] })
  deliver(queue, first)
  expect(queue.progress()).toEqual({ floor: 3, upTo: 3, waiting: [], stuck: [] })
  deliver(queue, startFirst(queue))
  expect(queue.progress()).toEqual({ floor: 5, upTo: 4, waiting: [], stuck: [] })
  expect(queue.size).toBe(0)
})

test('of a backlog, what is behind all that is through is not told: progress is stored for each delivery', () => {
  const queue = queueOf(Array.from({ length: 1_000 }, (_, n) => `k${n % 3}`))
  deliver(queue, startFirst(queue))
  expect(queue.progress()).toEqual({ floor: 1, upTo: 1, waiting: [], stuck: [] })
  const third = queue.ready(0, 3).find(({ sequence }) => sequence === 3)
  deliver(queue, third ?? expect.fail('nothing is ready'))
  expect(queue.progress()).toEqual({ floor: 1, upTo: 3, waiting: [1], stuck: [] })
})

test('what was let go but is not stored yet is not through', () => {
  const queue = queueOf(['a', 'a'])
  const first = startFirst(queue)
  queue.letGo(first)
  expect(queue.progress()).toEqual({ floor: 0, upTo: 0, waiting: [], stuck: [] })
  deliver(queue, startFirst(queue))
  expect(queue.progress()).toEqual({ floor: 0, upTo: 2, waiting: [1], stuck: [] })
  queue.through(first)
  expect(queue.progress().floor).toBe(2)
})

test('another one goes on where progress says, with the attempts that were made', () => {
  const queue = queueOf(['a', 'b', 'b', 'a'])
  const [first, second] = queue.ready(0, 10)
  if (!first || !second) throw new Error('unreachable')
  deliver(queue, second)
  queue.start(first)
  queue.postpone(first, { attempt: 3, retries: 2, at: 900 })
  const next = queueOf(['a', 'b', 'b', 'a'], queue.progress())
  expect(sequences(next.ready(0, 10))).toEqual([3])
  expect(next.ready(900, 10)).toMatchObject([
    { sequence: 1, attempt: 3, retries: 2 },
    { sequence: 3, attempt: 1 },
  ])
})

test('one that is stuck takes up no room for those that are through behind it, and nobody reads them again', () => {
  const keys = ['a', ...Array.from({ length: 5_000 }, () => 'b'), 'a', 'b', 'c']
  const queue = queueOf(keys.slice(0, -1))
  const stuck = startFirst(queue)
  queue.postpone(stuck, { attempt: 2, retries: 1, at: 900 })
  for (let [item] = queue.ready(0, 1); item; [item] = queue.ready(0, 1)) {
    queue.start(item)
    deliver(queue, item)
  }
  expect(queue.size).toBe(2)
  const progress = queue.progress()
  expect(progress).toMatchObject({ floor: 0, upTo: 5_003, waiting: [1, 5_002] })

  const next = new OrderQueue(progress)
  expect(next.read(1, 'a', 0)).toBe(true)
  expect(next.readUpTo).toBe(5_001)
  // What came with it is passed over; what was not read yet is not forgotten meanwhile.
  expect(next.read(2, 'b', 0)).toBe(false)
  expect(next.progress()).toEqual(progress)
  expect([next.read(5_002, 'a', 0), next.readUpTo, next.read(5_004, 'c', 0)]).toEqual([true, 5_003, true])
  expect(sequences(next.ready(900, 10))).toEqual([1, 5_004])
})

test('one that waited and is no longer kept keeps nobody waiting', () => {
  const next = new OrderQueue({ floor: 0, upTo: 5, waiting: [1, 3, 4], stuck: [] })
  expect([next.read(4, 'a', 0), next.readUpTo]).toEqual([true, 5])
  expect(next.progress()).toEqual({ floor: 3, upTo: 5, waiting: [1], stuck: [] })
})

test('who takes over asks anew for a turn that was put off, and keeps to the time of a retry', () => {
  const queue = queueOf(['a', 'b'])
  const [first, second] = queue.ready(0, 2)
  if (!first || !second) throw new Error('nothing is ready')
  const retry = { attempt: 2, retries: 1, at: 100 }
  for (const item of [first, second]) {
    queue.start(item)
    queue.postpone(item, retry)
  }
  queue.postpone({ ...first, ...retry }, { ...retry, at: 3_600_000, deferred: 'saturated' })
  const next = queueOf(['a', 'b'], queue.progress())
  expect(next.ready(100, 2)).toMatchObject([
    { sequence: 1, attempt: 2 },
    { sequence: 2, attempt: 2 },
  ])
  expect(next.ready(99, 2)).toEqual([])
})

test('what waits for its retry because the receiver asked for that may be recalled by whoever takes over, too', () => {
  const queue = queueOf(['a', 'b'])
  const [first, second] = queue.ready(0, 2)
  if (!first || !second) throw new Error('nothing is ready')
  for (const item of [first, second]) queue.start(item)
  queue.postpone(first, { attempt: 2, retries: 1, at: 500, isHeldUp: true })
  queue.postpone(second, { attempt: 2, retries: 1, at: 500, isHeldUp: false })
  const next = queueOf(['a', 'b'], queue.progress())
  expect(next.ready(0, 2)).toEqual([])
  next.recall()
  expect(sequences(next.ready(0, 2))).toEqual([1])
})

test('so it may when a replay attempted it meanwhile', () => {
  const queue = queueOf(['a'])
  queue.postpone(startFirst(queue), { attempt: 2, retries: 1, at: 500, isHeldUp: true })
  queue.count(queue.waiting(1) ?? expect.fail(), 3)
  const next = queueOf(['a'], queue.progress())
  next.recall()
  expect(next.ready(0, 1)).toMatchObject([{ sequence: 1, attempt: 3 }])
})

test('what was recalled, or is to be read yet, waits no longer at whoever takes over', () => {
  const queue = queueOf(['a'])
  queue.postpone(startFirst(queue), { attempt: 2, retries: 1, at: 500, isHeldUp: true })
  const progress = queue.progress()
  queue.recall()
  expect(queueOf(['a'], queue.progress()).ready(0, 1)).toMatchObject([{ sequence: 1, attempt: 2 }])
  const next = new OrderQueue(progress)
  next.recall()
  next.read(1, 'a', 0)
  expect(next.ready(0, 1)).toMatchObject([{ sequence: 1, attempt: 2 }])
})

test('putting one off without an attempt is nothing to remember', () => {
  const queue = queueOf(['a'])
  queue.postpone(startFirst(queue), { attempt: 1, retries: 0, at: 700 })
  expect(queue.progress().stuck).toEqual([])
  expect(queue.nextAt(0)).toBe(700)
})

test('in whatever way things go, events of a key are attempted in order, also after taking over', () => {
  const random = seeded(7)
  const keys = Array.from({ length: 400 }, () => `k${Math.floor(random() * 10)}`)
  const delivered = new Map<string, number>()
  let queue = queueOf(keys)
  for (let step = 0; step < 100_000 && queue.progress().floor < keys.length; step++) {
    const item = queue.ready(step, 50)[Math.floor(random() * 3)]
    if (!item) {
      // What was let go and never stored is found by whoever takes over.
      if (queue.ready(step + 10, 1).length === 0) queue = queueOf(keys, queue.progress())
      continue
    }
    queue.start(item)
    // The first success of each counts; after a crash it may be repeated.
    if (random() < 0.2) {
      queue.postpone(item, { attempt: item.attempt + 1, retries: item.retries + 1, at: step + 2 })
    } else {
      const last = delivered.get(item.key) ?? 0
      const before = keys.findIndex((key, index) => key === item.key && index + 1 > last && index + 1 < item.sequence)
      if (item.sequence > last) expect(before).toBe(-1)
      delivered.set(item.key, Math.max(last, item.sequence))
      queue.letGo(item)
      if (random() < 0.9) queue.through(item)
    }
    if (random() < 0.01) queue = queueOf(keys, queue.progress())
  }
  expect(queue.progress().floor).toBe(keys.length)
})

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
