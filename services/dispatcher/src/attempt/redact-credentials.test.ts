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
  expect(redactResponse(response, 'Bearer abc', undefined)).toEqual({
    status: 200,
    headers: { echo: 'Bearer [redacted]' },
    body: 'got [redacted] and [redacted]',
    bodyTruncated: false,
  })
})

test('of a body that was cut within the credentials, not even their beginning is recorded', () => {
  const response = { status: 200, headers: {}, body: 'you sent abcdefgh-123', bodyTruncated: true }
  expect(redactResponse(response, 'Bearer abcdefgh-1234', undefined)?.body).toBe('you sent [redacted]')
  expect(redactResponse({ ...response, bodyTruncated: false }, 'Bearer abcdefgh-1234', undefined)?.body).toBe(
    response.body,
  )
})

test('a password is not recorded in plain text either', () => {
  const authorization = `Basic ${Buffer.from('jethook:pass:word').toString('base64')}`
  const response = { status: 401, headers: { 'x-why': 'bad pass:word' }, body: 'no pass:word', bodyTruncated: false }
  expect(redactResponse(response, authorization, undefined)).toMatchObject({
    headers: { 'x-why': 'bad [redacted]' },
    body: 'no [redacted]',
  })
})

test.each([
  ['is the beginning of another one', { 'x-id': 'customer', 'x-token': 'customer-abcdefgh' }, 'sent customer-abcdefgh'],
  ['is part of the credentials', { 'x-id': 'abcd-bearer' }, 'sent 0-abcd-bearer-token'],
  ['holds the credentials', { 'x-token': 'a-0-abcd-bearer-token-b' }, 'sent a-0-abcd-bearer-token-b'],
  ['ends in a short word', { 'x-phrase': 'correcthorse battery' }, 'sent correcthorse battery'],
])('nothing is left of a header that %s', (_what, customHeaders, body) => {
  const response = { status: 200, headers: { echo: body }, body, bodyTruncated: false }
  expect(redactResponse(response, 'Bearer 0-abcd-bearer-token', customHeaders)).toMatchObject({
    headers: { echo: 'sent [redacted]' },
    body: 'sent [redacted]',
  })
})
