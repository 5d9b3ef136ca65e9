import { expect, test } from 'vitest'
import { costRatio } from '../../../../test/infrastructure/cost-ratio.ts'
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

test('nothing is left of two that overlap', () => {
  const customHeaders = { 'x-a': 'abcdefgh-12345678', 'x-b': '12345678-abcdefgh' }
  const body = 'sent abcdefgh-12345678-abcdefgh-12345678, 12345678-abcdefgh'
  const response = { status: 200, headers: {}, body, bodyTruncated: false }
  expect(redactResponse(response, undefined, customHeaders)?.body).toBe('sent [redacted], [redacted]')
})

const twenty = (value: (index: number) => string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${String.fromCharCode(97 + index)}`, value(index)]))

test.each<[string, (last: string) => string, string]>([
  ['begin like', (last) => `${'a'.repeat(4_090)}${last}`, `${'a'.repeat(16_383)}z`],
  ['hold', (last) => `${'a'.repeat(2_000)}${last}${'a'.repeat(2_000)}`, 'a'.repeat(16_384)],
  ['end like', (last) => `${last}${'a'.repeat(4_090)}`, `${'a'.repeat(16_383)}z`],
])(
  'looking for headers that %s what was answered costs no more than looking for others',
  (_what, value, body) => {
    const customHeaders = twenty((index) => value(String.fromCharCode(98 + index)))
    const response = { status: 200, headers: { echo: body.slice(0, 16_000) }, body, bodyTruncated: true }
    const others = twenty((index) => String.fromCharCode(98 + index).repeat(4_091))
    const redacting = (headers: Record<string, string>) => () => void redactResponse(response, undefined, headers)
    // Where each character is compared anew for each one before it, it is hundreds of times as much.
    expect(costRatio(redacting(customHeaders), redacting(others))).toBeLessThan(20)
  },
  30_000,
)

test('what is recorded does not grow with the headers that are found in what stands for others', () => {
  const growing = ['aaaaaaaa', ...Array<string>(16).fill('redacted'), ']]]]]]]]', '[[[[[[[[', 'redacted']
  const body = 'a'.repeat(16_384)
  const response = { status: 200, headers: {}, body, bodyTruncated: false }
  const recorded = redactResponse(
    response,
    undefined,
    twenty((index) => growing[index]!),
  )
  expect(recorded?.body.length).toBe('[redacted]'.length)
})
