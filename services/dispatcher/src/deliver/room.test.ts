import { expect, test } from 'vitest'
import { Room } from './room.ts'

test('there is room for so many, and then as it is given back, in the order of asking', async () => {
  const room = new Room(2)
  expect([room.take(), room.take()]).toEqual([undefined, undefined])
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (nth) => {
    await room.take()
    order.push(nth)
  })
  room.give()
  room.give()
  await Promise.all(waiting.slice(0, 2))
  expect(order).toEqual([1, 2])
  room.give()
  await waiting[2]
  expect(order).toEqual([1, 2, 3])
})

test('what is given back when nobody waits is free again', () => {
  const room = new Room(1)
  expect(room.take()).toBeUndefined()
  room.give()
  expect(room.take()).toBeUndefined()
  expect(room.take()).toBeInstanceOf(Promise)
})

test('a long line is served to its end', async () => {
  const room = new Room(0)
  let served = 0
  const all = Array.from({ length: 5_000 }, async () => {
    await room.take()
    served++
  })
  for (let i = 0; i < 5_000; i++) room.give()
  await Promise.all(all)
  expect(served).toBe(5_000)
})
