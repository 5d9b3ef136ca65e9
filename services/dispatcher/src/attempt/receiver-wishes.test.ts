import { expect, test } from 'vitest'
import { receiverWishes } from './receiver-wishes.ts'

const nothing = { overloaded: false, abort: false, disables: undefined }

test.each([
  [200, {}, nothing],
  [500, {}, nothing],
  [429, {}, { ...nothing, overloaded: true }],
  [503, {}, { ...nothing, overloaded: true }],
  [410, {}, { ...nothing, disables: 'gone' }],
  [200, { 'webhook-delivery': 'disable' }, { ...nothing, disables: 'receiver' }],
  [410, { 'webhook-delivery': 'Disable ' }, { ...nothing, disables: 'receiver' }],
  [400, { 'webhook-delivery': 'abort-message' }, { ...nothing, abort: true }],
  [400, { 'webhook-delivery': 'explode' }, nothing],
])('an answer %i with %j', (status, headers, wishes) => {
  expect(receiverWishes({ response: { status, headers: { ...headers }, body: '', bodyTruncated: false } })).toEqual(
    wishes,
  )
})

test('no answer, no wishes', () => {
  expect(receiverWishes({ response: null })).toEqual(nothing)
})
