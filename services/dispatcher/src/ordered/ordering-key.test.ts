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
