import { ProblemError } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor, pageFrom } from './page.ts'

test('a cursor leads back to its place', () => {
  const place = { timeMs: 1_763_762_400_123, id: 'dlv_0a' }
  expect(decodeCursor(encodeCursor(place))).toEqual(place)
})

test.each(['', 'x', '%%%', Buffer.from('[1]').toString('base64url'), Buffer.from('["a","b"]').toString('base64url')])(
  'the cursor %j is refused',
  (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(ProblemError)
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }))
  },
)

const rows = [1, 2, 3].map((number) => ({ timeMs: number, id: `id_${number}` }))
const page = (limit: number) =>
  pageFrom(rows.slice(0, limit + 1), { limit, placeOf: (row) => row, resourceOf: ({ id }) => id })

test('there is a next page only when there is more', () => {
  expect(page(2)).toEqual({ data: ['id_1', 'id_2'], nextCursor: encodeCursor({ timeMs: 2, id: 'id_2' }) })
  expect(page(3)).toEqual({ data: ['id_1', 'id_2', 'id_3'], nextCursor: null })
})
