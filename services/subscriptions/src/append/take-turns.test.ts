import { expect, test } from 'vitest'
import { createTurns } from './take-turns.ts'

test('work of one key is done in turn, also after a failure, and of another key at once', async () => {
  const takeTurns = createTurns()
  const gate = Promise.withResolvers<void>()
  const done: string[] = []
  const failing = takeTurns('a', async () => {
    await gate.promise
    done.push('a1')
    throw new Error('no')
  })
  const next = takeTurns('a', async () => done.push('a2'))
  await takeTurns('b', async () => done.push('b1'))
  gate.resolve()
  await expect(failing).rejects.toThrow('no')
  await next
  expect(done).toEqual(['b1', 'a1', 'a2'])
})
