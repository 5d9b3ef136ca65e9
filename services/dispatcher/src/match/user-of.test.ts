import { expect, test } from 'vitest'
import { userOf } from './user-of.ts'

const payload = Buffer.from(
  '{"event":{"user_id":"u1","n":7,"none":null},"a/b":{"m~n":"u2"},"list":["u3",{"id":"u4"}],"big":12345678901,"huge":9007199254740993}',
)

test.each([
  ['/event/user_id', 'u1'],
  ['/event/n', '7'],
  ['/big', '12345678901'],
  // Another user's than 9007199254740992, which it is as a number of JavaScript.
  ['/huge', '9007199254740993'],
  ['/a~1b/m~0n', 'u2'],
  ['/list/0', 'u3'],
  ['/list/1/id', 'u4'],
  ['/event/none', undefined],
  ['/event', undefined],
  ['/event/user_id/more', undefined],
  ['/constructor/name', undefined],
  ['/nothing', undefined],
])('%s is %s', (pointer, user) => {
  expect(userOf({ payload, user: undefined }, pointer)).toBe(user)
})

test('a user whose number cannot be told exactly, for what else there is in the payload, is none', () => {
  const deep = Buffer.from(`{"id":9007199254740993,"more":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
  expect(userOf({ payload: deep, user: undefined }, '/id')).toBeUndefined()
})

test('without a pointer nothing is read, and what the producer named comes first', () => {
  expect(userOf({ payload: Buffer.from('not JSON'), user: undefined }, null)).toBeUndefined()
  expect(userOf({ payload, user: 'u9' }, '/event/user_id')).toBe('u9')
})

test('a payload is read once, for however many apps it may be', () => {
  let reads = 0
  const event = {
    user: undefined,
    get payload() {
      reads++
      return payload
    },
  }
  for (let app = 0; app < 100; app++) expect(userOf(event, '/event/user_id')).toBe('u1')
  expect(userOf(event, '/big')).toBe('12345678901')
  expect(reads).toBe(2)
})
