import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createVerifier, WebhookVerificationError, type RawBody, type VerifierOptions } from './index.ts'

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

describe('settings that cannot work are refused when the verifier is made', () => {
  const scheme = { header: 'X-Sig', algorithm: 'hmac-sha256', encoding: 'hex' } as const
  const described = (change: object, more: object = {}): Partial<VerifierOptions> => ({
    profile: { signatures: [{ ...scheme, ...change }], ...more },
  })

  test.each<[string, object, string, RegExp]>([
    ['an unknown profile', { profile: 'github' }, 'unknown_profile', /"github".*standard, svix, lumirecrm/],
    ['a name that every object has', { profile: 'constructor' }, 'unknown_profile', /"constructor"/],
    [
      'a variable that is not set',
      { secret: undefined },
      'malformed_secret',
      /undefined: is its environment variable set/,
    ],
    ['a secret of white space', { secret: ' ' }, 'malformed_secret', /empty/],
    ['a tolerance of nothing', { profile: 'standard', toleranceSeconds: 0 }, 'malformed_tolerance', /more than 0/],
    [
      'a tolerance that is no number',
      { profile: 'standard', toleranceSeconds: Number.NaN },
      'malformed_tolerance',
      /more/,
    ],
    ['a tolerance without a time', { toleranceSeconds: 60 }, 'malformed_tolerance', /no signed timestamp/],
    ['no scheme', { profile: { signatures: [] } }, 'malformed_profile', /at least one/],
    ['no header', described({ header: '' }), 'malformed_profile', /signatures\[0\]\.header/],
    ['a hash that is broken', described({ algorithm: 'hmac-md5' }), 'malformed_profile', /\.algorithm.*"hmac-md5"/],
    ['an unknown encoding', described({ encoding: 'base32' }), 'malformed_profile', /\.encoding must be hex or base64/],
    ['an unknown placeholder', described({ content: '{url}.{body}' }), 'malformed_profile', /\{url\}; there are only/],
    [
      'a signature without the body',
      described({ content: '{timestamp}' }),
      'malformed_profile',
      /must contain \{body\}/,
    ],
    [
      'a signed fact that is nowhere',
      described({ content: '{event.id}.{body}' }),
      'malformed_profile',
      /\{event\.id\}/,
    ],
    [
      'a lead that runs into the signature',
      described({ lead: 't={timestamp};', separator: ',' }),
      'malformed_profile',
      /lead/,
    ],
    ['an ed25519 key of letters', described({ algorithm: 'ed25519' }), 'malformed_profile', /secretEncoding/],
    ['an unknown body field', described({}, { bodyFields: { 'event.name': 'n' } }), 'malformed_profile', /event\.name/],
    [
      'a time in an unknown form',
      described({}, { timestampFormat: 'rfc2822' }),
      'malformed_profile',
      /timestampFormat/,
    ],
    [
      'a tolerance on a time that anybody can set',
      described({}, { headers: { 'X-Time': '{timestamp}' }, toleranceSeconds: 300 }),
      'malformed_tolerance',
      /no signed timestamp/,
    ],
  ])('%s', (_name, options, code, message) => {
    const make = (): unknown => createVerifier({ profile: 'lumirecrm', secret, ...options })
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ code, status: 500 }))
  })

  test('and the message never shows the secret', () => {
    for (const wrong of ['whsec_not*base64', 'whsk_c2VjcmV0', 'a secret\n']) {
      const make = (): unknown =>
        createVerifier({ profile: wrong.startsWith('wh') ? 'standard' : 'lumirecrm', secret: wrong })
      expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining(wrong.trim()) as string }))
    }
  })
})

describe('a profile document', () => {
  test('of Jethook can be used as it is: what a receiver does not need is passed over', async () => {
    const profile = {
      name: 'acme',
      description: 'Acme',
      apiKey: { header: 'X-API-Key', prefix: 'acme_' },
      secret: { prefix: 'acme_whsec_', bytes: 32 },
      headers: { 'User-Agent': 'Acme/1', 'X-Acme-Event': '{event.type}', 'X-Acme-Both': '{event.type} {attempt}' },
      signatures: [
        { header: 'X-Acme-Signature', algorithm: 'hmac-sha256', encoding: 'hex', prefix: '', content: '{body}' },
      ],
    } as const
    const acme = createVerifier({ profile, secret })
    const given = { 'x-acme-signature': signature, 'x-acme-event': 'a.b', 'x-acme-both': 'a.b 1' }
    expect(await acme.verify({ headers: given, body })).toMatchObject({ type: 'a.b', attempt: undefined })
  })

  test('with two schemes verifies while a provider moves from one to the other', async () => {
    const moving = createVerifier({
      profile: {
        signatures: [
          { header: 'X-Old', algorithm: 'hmac-sha256', encoding: 'hex' },
          { header: 'X-New', algorithm: 'hmac-sha512', encoding: 'base64', prefix: 'v2=' },
        ],
      },
      secret,
    })
    const newer = `v2=${createHmac('sha512', secret).update(body).digest('base64')}`
    expect(await codeOf(() => moving.verify({ headers: { 'x-old': signature }, body }))).toBe('verified')
    expect(await codeOf(() => moving.verify({ headers: { 'x-new': newer }, body }))).toBe('verified')
    expect(await codeOf(() => moving.verify({ headers: { 'x-new': `v1=${signature}` }, body }))).toBe(
      'malformed_signature',
    )
    expect(await codeOf(() => moving.verify({ headers: {}, body }))).toBe('missing_header')
  })

  test('prefers a fact in the body to the same fact in a header that is not signed', async () => {
    const both = createVerifier({
      profile: {
        signatures: [{ header: 'X-Sig', algorithm: 'hmac-sha256', encoding: 'hex' }],
        headers: { 'X-Type': '{event.type}', 'X-Time': '{timestamp}' },
        bodyFields: { 'event.type': 'name', timestamp: 'time' },
        toleranceSeconds: 60,
      },
      secret,
      now: () => 1_700_000_000_000,
    })
    const forged = { 'x-sig': signature, 'x-type': 'forged', 'x-time': '1700000000' }
    expect(await codeOf(() => both.verify({ headers: forged, body }))).toBe('malformed_timestamp')
    const timed = '{"name":"Zoë","time":1700000000}'
    const signed = { ...forged, 'x-sig': createHmac('sha256', secret).update(timed).digest('hex') }
    expect(await both.verify({ headers: signed, body: timed })).toMatchObject({ type: 'Zoë', unsigned: [] })
  })
})
