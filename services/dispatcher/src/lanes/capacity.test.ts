import { expect, test } from 'vitest'
import { Capacity, type Holder, type Standing } from './capacity.ts'

/** A lane with so much work that takes whatever room it gets. */
function holder(capacity: Capacity, tenant: string, standing: Standing, wanted = 1) {
  const it: Holder & { standing: Standing; taken: number; held: number; ask(): string; leave(): void } = {
    tenant,
    standing,
    taken: 0,
    held: 0,
    ask() {
      const room = wanted > it.taken ? capacity.take(it) : 'idle'
      if (room === 'taken') [it.taken, it.held] = [it.taken + 1, it.held + 1]
      return room
    },
    proceed: () => void it.ask(),
    leave() {
      it.held--
      capacity.give(it)
    },
  }
  return it
}

test('gives room up to the total, then lets ask wait, and serves who waits when room is given back', () => {
  const capacity = new Capacity(2)
  const [a, b, c] = ['a', 'b', 'c'].map((tenant) => holder(capacity, tenant, 'quick'))
  expect([a, b, c].map((it) => it?.ask())).toEqual(['taken', 'taken', 'wait'])
  a?.leave()
  expect(c?.taken).toBe(1)
})

test('slow endpoints get a third together', () => {
  const capacity = new Capacity(9)
  const slow = Array.from({ length: 5 }, (_, i) => holder(capacity, `t${i}`, 'slow'))
  expect(slow.map((it) => it.ask())).toEqual(['taken', 'taken', 'taken', 'refused', 'refused'])
})

test('unknown endpoints get a sixth together, and wait for more until those are known', () => {
  const capacity = new Capacity(12)
  const unknown = Array.from({ length: 3 }, (_, i) => holder(capacity, `t${i}`, 'unproven'))
  expect(unknown.map((it) => it.ask())).toEqual(['taken', 'taken', 'wait'])
  const [first, , third] = unknown
  if (!first) throw new Error('unreachable')
  first.standing = 'quick'
  capacity.move(1, 'unproven', 'quick')
  expect(third?.taken).toBe(1)
})

test('however many hang, quick endpoints keep a third', () => {
  const capacity = new Capacity(30)
  for (let i = 0; i < 100; i++) {
    const it = holder(capacity, `t${i}`, 'unproven')
    if (it.ask() !== 'taken') break
    it.standing = 'slow'
    capacity.move(1, 'unproven', 'slow')
  }
  const quick = Array.from({ length: 11 }, () => holder(capacity, 'q', 'quick').ask())
  expect(quick.filter((room) => room === 'taken').length).toBeGreaterThanOrEqual(10)
})

test('a tenant with much work and one with little get room in turn', () => {
  const capacity = new Capacity(1)
  const running = holder(capacity, 'x', 'quick')
  running.ask()
  const busy = Array.from({ length: 10 }, () => holder(capacity, 'busy', 'quick'))
  const calm = Array.from({ length: 2 }, () => holder(capacity, 'calm', 'quick'))
  for (const it of [...busy, ...calm]) it.ask()
  running.leave()
  const order = ['busy', 'calm', 'busy', 'calm', 'busy', 'busy']
  for (const tenant of order) {
    const its = [...busy, ...calm].filter(({ held }) => held > 0)
    expect(its.map((it) => it.tenant)).toEqual([tenant])
    its[0]?.leave()
  }
})

test('one that has no room by its standing does not keep the others waiting', () => {
  const capacity = new Capacity(6)
  const unknown = [1, 2].map(() => holder(capacity, 'u', 'unproven'))
  const quick = Array.from({ length: 6 }, () => holder(capacity, 'q', 'quick'))
  for (const it of [...unknown, ...quick]) it.ask()
  expect(quick.filter(({ taken }) => taken === 1)).toHaveLength(5)
  quick[0]?.leave()
  expect(quick.every(({ taken }) => taken === 1)).toBe(true)
  expect(unknown[1]?.taken).toBe(0)
})

test('who holds little goes before who holds much, however many tenants and endpoints hold what they get for long', () => {
  const capacity = new Capacity(60)
  const long = Array.from({ length: 30 }, (_, i) => holder(capacity, `t${i % 10}`, 'quick', 10))
  for (let i = 0; i < 3; i++) for (const it of long) it.ask()
  const calm = holder(capacity, 'calm', 'quick')
  const ofBusyTenant = holder(capacity, 't0', 'quick')
  expect([calm.ask(), ofBusyTenant.ask()]).toEqual(['wait', 'wait'])
  long[1]?.leave()
  expect(calm.taken).toBe(1)
  // Of one tenant, too: whoever else of it waits has had some already.
  for (const it of long) if (it.tenant === 't0') it.leave()
  expect(ofBusyTenant.taken).toBe(1)
})
