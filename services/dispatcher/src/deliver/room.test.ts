import { expect, test } from 'vitest'
import { Room } from './room.ts'

test('there is room for so many, and then as it is given back, in the order of asking', async () => {
  const room = new Room(2)
  expect([room.take('acme'), room.take('acme')]).toEqual([undefined, undefined])
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (nth) => {
    await room.take('acme')
    order.push(nth)
  })
  room.give('acme')
  room.give('acme')
  await Promise.all(waiting.slice(0, 2))
  expect(order).toEqual([1, 2])
  room.give('acme')
  await waiting[2]
  expect(order).toEqual([1, 2, 3])
})

test('what is given back when nobody waits is free again', () => {
  const room = new Room(1)
  expect(room.take('acme')).toBeUndefined()
  room.give('acme')
  expect(room.take('acme')).toBeUndefined()
  expect(room.take('acme')).toBeInstanceOf(Promise)
})

test('a long line is served to its end', async () => {
  const room = new Room(0)
  let served = 0
  const all = Array.from({ length: 5_000 }, async () => {
    await room.take('acme')
    served++
  })
  for (let i = 0; i < 5_000; i++) room.give('acme')
  await Promise.all(all)
  expect(served).toBe(5_000)
})

test('a tenant that has more than three quarters of it is crowded, until it gives some back', () => {
  const room = new Room(100)
  for (let i = 0; i < 75; i++) void room.take('busy')
  expect(room.isCrowded('busy')).toBe(false)
  void room.take('busy')
  expect([room.isCrowded('busy'), room.isCrowded('calm')]).toEqual([true, false])
  room.give('busy')
  expect(room.isCrowded('busy')).toBe(false)
})

test('when it gets scarce, twice the share of a tenant is too much', () => {
  const room = new Room(100)
  const take = (tenant: string, count: number): void => {
    for (let i = 0; i < count; i++) void room.take(tenant)
  }
  take('busy', 25)
  for (const calm of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) take(calm, 2)
  expect(room.isCrowded('busy')).toBe(false)
  for (const calm of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) take(calm, 2)
  expect([room.isCrowded('busy'), room.isCrowded('a')]).toEqual([true, false])
})

test('it is full while many wait in line, and says when that is over', () => {
  let freed = 0
  const room = new Room(2, () => freed++)
  for (let i = 0; i < 2 + 63; i++) void room.take('acme')
  expect(room.isFull).toBe(false)
  for (let i = 0; i < 2; i++) void room.take('acme')
  expect(room.isFull).toBe(true)
  room.give('acme')
  expect([room.isFull, freed]).toEqual([true, 0])
  for (let i = 0; i < 10; i++) room.give('acme')
  expect([room.isFull, freed]).toEqual([false, 1])
})
