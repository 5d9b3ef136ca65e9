import { expect, test } from 'vitest'
import { placeIn } from './place-of.ts'

test.each([
  ['as servers write it today', '$JS.ACK.EVENTS.dispatcher.1.4711.815.1700000000000000000.0'],
  ['with domain and account', '$JS.ACK.hub.account.EVENTS.dispatcher.1.4711.815.1700000000000000000.0'],
  ['with a token behind', '$JS.ACK.hub.account.EVENTS.dispatcher.1.4711.815.1700000000000000000.0.Xy1'],
])('the place of a message is read from its reply subject %s', (_, reply) => {
  expect(placeIn(reply)).toEqual({ sequence: '4711', timestampNanos: '1700000000000000000' })
})
