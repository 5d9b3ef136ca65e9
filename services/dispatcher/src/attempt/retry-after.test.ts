import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const now = Date.parse('2026-11-21T10:00:00Z')

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['999999999999', 3_600_000],
  ['Sat, 21 Nov 2026 10:00:30 GMT', 30_000],
  ['Saturday, 21-Nov-26 10:01:00 GMT', 60_000],
  ['Sat Nov 21 10:02:00 2026', 120_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  ['Fri, 31 Dec 2027 23:59:59 GMT', 3_600_000],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['2026-11-21T10:00:30Z', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j asks for %j ms', (value, expected) => {
  expect(retryAfterMs(value, now)).toBe(expected)
})
