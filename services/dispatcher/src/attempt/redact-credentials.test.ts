import { expect, test } from 'vitest'
import { redactRequest, redactResponse } from './redact-credentials.ts'

test.each([
  ['Bearer abc', 'Bearer [redacted]'],
  ['Basic YTpi', 'Basic [redacted]'],
  ['AWS4-HMAC-SHA256 Credential=a, Signature=b', 'AWS4-HMAC-SHA256 [redacted]'],
  ['a-secret-without-a-scheme', '[redacted]'],
])('of "%s" is recorded "%s"', (authorization, recorded) => {
  expect(redactRequest({ authorization, 'x-other': 'kept' }, undefined)).toEqual({
    authorization: recorded,
    'x-other': 'kept',
  })
})

test('a request without credentials is recorded as it is', () => {
  const headers = { 'content-type': 'application/json' }
  expect(redactRequest(headers, undefined)).toBe(headers)
})

test('a response that says the credentials back is recorded without them', () => {
  const response = { status: 200, headers: { echo: 'Bearer abc' }, body: 'got abc and abc', bodyTruncated: false }
  expect(redactResponse(response, 'Bearer abc')).toEqual({
    status: 200,
    headers: { echo: 'Bearer [redacted]' },
    body: 'got [redacted] and [redacted]',
    bodyTruncated: false,
  })
})
