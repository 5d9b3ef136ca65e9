import { expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

test('what came first goes first, however many have gone', () => {
  const fifo = new Fifo<number>()
  const gone: (number | undefined)[] = []
  for (let number = 0; number < 5_000; number++) {
    fifo.push(2 * number)
    fifo.push(2 * number + 1)
    gone.push(fifo.shift())
  }
  expect(fifo.length).toBe(5_000)
  while (fifo.length > 0) gone.push(fifo.shift())
  expect(gone).toEqual(Array.from({ length: 10_000 }, (_, number) => number))
  expect(fifo.shift()).toBeUndefined()
  fifo.push(7)
  expect([fifo.shift(), fifo.length]).toEqual([7, 0])
})
