import { expect, test } from 'vitest'
import { takePage } from './take-page.ts'

const id = (n: number): string => `sub_${n.toString(16).padStart(32, '0')}`
const items = [1, 2, 3, 4, 5].map((n) => ({ id: id(n) }))
const ids = (page: { data: { id: string }[] }): string[] => page.data.map((item) => item.id)

test('pages follow each other without gaps or repetitions', () => {
  const first = takePage(items, { limit: 2 })
  const second = takePage(items, { limit: 2, cursor: first.nextCursor ?? '' })
  const third = takePage(items, { limit: 2, cursor: second.nextCursor ?? '' })
  expect([first, second, third].flatMap(ids)).toEqual(items.map((item) => item.id))
  expect(third.nextCursor).toBeNull()
})

test('a page that is exactly full is the last one', () => {
  expect(takePage(items, { limit: 5 }).nextCursor).toBeNull()
})

test('goes on behind a thing that was deleted between two pages', () => {
  const left = items.filter((item) => item.id !== id(2))
  expect(ids(takePage(left, { limit: 2, cursor: id(2) }))).toEqual([id(3), id(4)])
})

test('an invented cursor is refused', () => {
  expect(() => takePage(items, { limit: 2, cursor: 'page 2' })).toThrow(
    expect.objectContaining({ code: 'invalid_cursor' }),
  )
})
