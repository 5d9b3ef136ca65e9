import { expect, test } from 'vitest'
import { orderingKey } from './ordering-key.ts'

test.each([
  ['{"user":{"id":"u1"}}', '/user/id', 'u1'],
  ['{"user":{"id":7}}', '/user/id', '7'],
  ['{"user":{"id":{"a":1}}}', '/user/id', '{"a":1}'],
  ['{"user":{"id":null}}', '/user/id', 'null'],
  ['{"users":["a","b"]}', '/users/1', 'b'],
  ['{"a/b":{"~":"x"}}', '/a~1b/~0', 'x'],
  ['{"":"empty"}', '/', 'empty'],
  ['{"user":{}}', '/user/id', ''],
  ['{"user":{}}', '/user/toString', ''],
  ['{"user":"x"}', '/user/length', ''],
  ['not json', '/user', ''],
])('in %s, %s is %j', (payload, pointer, expected) => {
  expect(orderingKey(Buffer.from(payload), pointer)).toBe(expected)
})

test('a large value takes no more room than a small one, and is told from others all the same', () => {
  const keyOf = (value: string): string => orderingKey(Buffer.from(JSON.stringify({ data: { value } })), '/data')
  const [long, other] = ['x'.repeat(200_000), `${'x'.repeat(199_999)}y`]
  expect(keyOf(long).length).toBeLessThan(100)
  expect(keyOf(long)).toBe(keyOf(long))
  expect(keyOf(long)).not.toBe(keyOf(other))
})

test('a value that is nested too deeply to be written down again keeps nobody waiting: it counts as none', () => {
  const deep = Buffer.from(`{"user":${'{"1":'.repeat(40_000)}1${'}'.repeat(40_000)}}`)
  expect(orderingKey(deep, '/user')).toBe('')
})
