import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createVerifier, WebhookVerificationError, type RawBody } from './index.ts'

const secret = 'lum_whsec_5f0c2d3a9b7e41468c1d'
const body = '{ "amount": 10.00, "name": "Zoë" }'
const signature = createHmac('sha256', secret).update(body).digest('hex')
const headers = { 'X-LumireCRM-Signature': signature, 'X-LumireCRM-Event': 'deposit.settled' }
const verifier = createVerifier({ profile: 'lumirecrm', secret })
const bytes = new TextEncoder().encode(body)

const codeOf = (run: () => unknown): Promise<unknown> =>
  (async () => run())().then(
    () => 'verified',
    (error: unknown) => (error instanceof WebhookVerificationError ? error.code : error),
  )

describe('the result', () => {
  test('holds the bytes and the text as they came, and the parsed JSON', async () => {
    const event = await verifier.verify({ headers, body })
    expect(event).toMatchObject({ text: body, json: { amount: 10, name: 'Zoë' }, type: 'deposit.settled' })
    expect(Buffer.from(event.bytes).equals(bytes)).toBe(true)
  })

  test('has no JSON when the body is none', async () => {
    const signed = { 'x-lumirecrm-signature': createHmac('sha256', secret).update('a=1').digest('hex') }
    expect(await verifier.verify({ headers: signed, body: 'a=1' })).toMatchObject({ text: 'a=1', json: undefined })
  })

  test('keeps what was verified when the buffer is used again meanwhile', async () => {
    const reused = Buffer.from(body)
    const verifying = verifier.verify({ headers, body: reused })
    reused.fill(0)
    expect((await verifying).text).toBe(body)
  })
})

describe('a raw body', () => {
  const padded = Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('xx')])
  test.each<[string, RawBody]>([
    ['a string', body],
    ['a Uint8Array', bytes],
    ['a Buffer', Buffer.from(body)],
    ['an ArrayBuffer', bytes.slice().buffer],
    ['a view into a larger buffer', padded.subarray(2, -2)],
  ])('can be %s', async (_kind, raw) => {
    expect((await verifier.verify({ headers, body: raw })).text).toBe(body)
  })

  test.each<[string, unknown, RegExp]>([
    [
      'a parsed object',
      JSON.parse(body),
      /parsed it already.*express\.raw.*parseAs: "buffer".*verifyRequest\(c\.req\.raw\)/s,
    ],
    ['nothing', undefined, /nothing has read it/],
    ['null', null, /nothing has read it/],
    ['a number', 10, /a number/],
    ['a promise', Promise.resolve(body), /await it first/],
    ['a stream', new Blob([body]).stream(), /read it to its end/],
    ['a request', new Request('https://receiver.example', { method: 'POST', body }), /use verifyRequest/],
  ])('cannot be %s, and the error says what to do', async (_kind, wrong, message) => {
    const verifying = verifier.verify({ headers, body: wrong as RawBody })
    await expect(verifying).rejects.toMatchObject({ code: 'body_not_raw', status: 500 })
    await expect(verifying).rejects.toThrow(message)
  })
})

describe('headers', () => {
  test.each([
    ['a Headers object', new Headers(headers)],
    ['a Map', new Map(Object.entries(headers))],
    ['lists of values', { 'X-LumireCRM-Signature': [signature], 'x-lumirecrm-event': ['deposit.settled'] }],
    ['white space around the value', { ...headers, 'X-LumireCRM-Signature': ` ${signature}\t` }],
    ['names that are not set', { ...headers, 'x-other': undefined }],
  ])('can be %s', async (_kind, given) => {
    expect((await verifier.verify({ headers: given, body })).type).toBe('deposit.settled')
  })

  test('are what Node gives to a server, and one that came twice is joined', async () => {
    const lucra = createVerifier({ profile: 'lucra', secret })
    const received = Promise.withResolvers<unknown>()
    const server = createServer((request, response) => {
      response.end()
      received.resolve(lucra.verify({ headers: request.headers, body }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const twice = [
      ['X-Lucra-Signature', `sha256=${'0'.repeat(64)}`],
      ['X-Lucra-Signature', `sha256=${signature}`],
    ] as [string, string][]
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method: 'POST', headers: twice })
    await expect(received.promise).resolves.toMatchObject({ text: body })
    server.close()
  })

  test('that are missing altogether are missing headers', async () => {
    expect(await codeOf(() => verifier.verify({ headers: undefined as unknown as Headers, body }))).toBe(
      'missing_header',
    )
  })

  test('are looked at before the body: an unsigned request is not the receiver’s fault', async () => {
    const verifying = verifier.verify({ headers: {}, body: {} as RawBody })
    await expect(verifying).rejects.toMatchObject({ code: 'missing_header', status: 401 })
  })
})

describe('verifyRequest', () => {
  const request = (init: RequestInit = {}): Request =>
    new Request('https://receiver.example/hook', { method: 'POST', headers, body, ...init })

  test('reads and verifies a Fetch API request', async () => {
    expect(await verifier.verifyRequest(request())).toMatchObject({ text: body, type: 'deposit.settled' })
  })

  test('refuses a request whose body was read before', async () => {
    const used = request()
    await used.json()
    await expect(verifier.verifyRequest(used)).rejects.toThrow(/was read before verifyRequest/)
    expect(await codeOf(() => verifier.verifyRequest(used))).toBe('body_not_raw')
  })

  test('does not read the body of an unsigned request', async () => {
    const unsigned = request({ headers: {} })
    expect(await codeOf(() => verifier.verifyRequest(unsigned))).toBe('missing_header')
    expect(unsigned.bodyUsed).toBe(false)
  })
})
