import { expect, test } from 'vitest'
import { storeTogether } from './store-together.ts'

test('what comes within a moment is stored in one turn of the event loop, in its order, and what comes later is, too', async () => {
  const turns: string[][] = []
  let turn: string[] | undefined
  const store = storeTogether(async (subject) => {
    if (!turn) {
      turns.push((turn = []))
      setImmediate(() => (turn = undefined))
    }
    turn.push(subject)
  })
  const first = store('a', '')
  await Promise.resolve()
  await Promise.all([first, store('b', '')])
  await Promise.all([store('c', ''), store('d', '')])
  expect(turns).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('each knows what became of its own', async () => {
  const store = storeTogether(async (subject) => {
    if (subject === 'bad') throw new Error('no')
  })
  const results = await Promise.allSettled([store('good', ''), store('bad', '')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})
