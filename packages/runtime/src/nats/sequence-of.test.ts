import { expect, test } from 'vitest'
import { sequenceIn } from './sequence-of.ts'

test.each([
  ['as servers write it today', '$JS.ACK.EVENTS.dispatcher.1.4711.815.1700000000000000000.0'],
  ['with domain and account', '$JS.ACK.hub.account.EVENTS.dispatcher.1.4711.815.1700000000000000000.0'],
  ['with a token behind', '$JS.ACK.hub.account.EVENTS.dispatcher.1.4711.815.1700000000000000000.0.Xy1'],
])('the sequence is read from a reply subject %s', (_, reply) => {
  expect(sequenceIn(reply)).toBe(4_711)
})
