import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createVerifier, type VerifierOptions } from '../index.ts'

const secret = 'lum_whsec_5f0c2d3a9b7e41468c1d'
const body = '{ "amount": 10.00, "name": "Zoë" }'
const signature = createHmac('sha256', secret).update(body).digest('hex')

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
    [
      'a fact that runs into the signature',
      described({ prefix: 't={timestamp};v1=' }),
      'malformed_profile',
      /prefix.*lead/,
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
      'a tolerance where one of two schemes does not sign the time',
      {
        profile: {
          signatures: [scheme, { ...scheme, content: '{timestamp}.{body}' }],
          headers: { 'X-Time': '{timestamp}' },
          toleranceSeconds: 300,
        },
      },
      'malformed_tolerance',
      /no signed timestamp/,
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
    const acme = createVerifier({ profile: jethookDocument, secret: `acme_pk_${publicKey}` })
    const signed = {
      'user-agent': 'Acme/1',
      'x-acme-event': 'a.b',
      'x-acme-both': 'a.b 1',
      'x-acme-time': '2025-02-01T14:30:00Z',
      'x-acme-signature': ed25519(`2025-02-01T14:30:00Z.${body}`),
    }
    const event = await acme.verify({ headers: signed, body })
    expect(event).toMatchObject({ type: 'a.b', attempt: undefined, unsigned: ['event.type'] })
    expect(event.timestamp?.toISOString()).toBe('2025-02-01T14:30:00.000Z')
    const wrong = { ...signed, 'x-acme-time': 'yesterday' }
    await expect(acme.verify({ headers: wrong, body })).rejects.toMatchObject({ code: 'malformed_timestamp' })
    expect(() => createVerifier({ profile: jethookDocument, secret: 'acme_sk_AAAA' })).toThrow(/private key.*acme_pk_/)
  })

  test('prefers what the signed content says to the same fact in the body', async () => {
    const both = createVerifier({
      profile: {
        signatures: [{ header: 'X-Sig', algorithm: 'hmac-sha256', encoding: 'hex', content: '{timestamp}.{body}' }],
        headers: { 'X-Time': '{timestamp}' },
        bodyFields: { timestamp: 'created', 'event.type': 'constructor.name' },
      },
      secret,
    })
    const timed = '{"created":1600000000}'
    const sig = createHmac('sha256', secret).update(`1700000000.${timed}`).digest('hex')
    const event = await both.verify({ headers: { 'x-sig': sig, 'x-time': '1700000000' }, body: timed })
    expect(event.timestamp).toEqual(new Date(1_700_000_000_000))
    // A path leads through the body's own fields only.
    expect(event.type).toBeUndefined()
  })

  test('without a time takes an infinite tolerance, which asks for none', () => {
    expect(() => createVerifier({ profile: 'lumirecrm', secret, toleranceSeconds: Infinity })).not.toThrow()
  })

  test.each([
    ['iso', '2023-11-14T22:13:20.000Z'],
    ['isoSeconds', '2023-11-14T22:13:20Z'],
    ['epoch', '1700000000'],
    ['epochMs', '1700000000000'],
  ])('may sign the time of the event in the form event.time.%s', async (form, time) => {
    const timed = createVerifier({
      profile: {
        signatures: [
          { header: 'X-Sig', algorithm: 'hmac-sha256', encoding: 'hex', content: `{event.time.${form}}\n{body}` },
        ],
        headers: { 'X-Time': `{event.time.${form}}` },
      },
      secret,
      toleranceSeconds: 60,
      now: () => 1_700_000_060_000,
    })
    const sig = createHmac('sha256', secret).update(`${time}\n${body}`).digest('hex')
    const event = await timed.verify({ headers: { 'x-sig': sig, 'x-time': time }, body })
    expect(event.timestamp).toEqual(new Date(1_700_000_000_000))
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
    await expect(moving.verify({ headers: { 'x-old': signature }, body })).resolves.toMatchObject({ text: body })
    await expect(moving.verify({ headers: { 'x-new': newer }, body })).resolves.toMatchObject({ text: body })
    const old = { 'x-new': `v1=${signature}` }
    await expect(moving.verify({ headers: old, body })).rejects.toMatchObject({ code: 'malformed_signature' })
    await expect(moving.verify({ headers: {}, body })).rejects.toMatchObject({ code: 'missing_header' })
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
    await expect(both.verify({ headers: forged, body })).rejects.toMatchObject({ code: 'malformed_timestamp' })
    const timed = '{"name":"Zoë","time":1700000000}'
    const signed = { ...forged, 'x-sig': createHmac('sha256', secret).update(timed).digest('hex') }
    expect(await both.verify({ headers: signed, body: timed })).toMatchObject({ type: 'Zoë', unsigned: [] })
  })
})

const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')

function ed25519(content: string): string {
  return sign(null, Buffer.from(content), keys.privateKey).toString('hex')
}

const jethookDocument = {
  version: 1,
  name: 'acme',
  eventTypes: [{ name: 'a.b', description: 'A b.' }],
  catalogue: 'open',
  body: { envelope: '{"type":"{event.type}","data":{payload}}' },
  userAgent: 'Acme/1',
  headers: {
    'X-Acme-Event': '{event.type}',
    'X-Acme-Both': '{event.type} {attempt}',
    'X-Acme-Time': '{event.time.isoSeconds}',
  },
  signatures: [
    {
      header: 'X-Acme-Signature',
      algorithm: 'ed25519',
      encoding: 'hex',
      prefix: '',
      content: '{event.time.isoSeconds}.{body}',
      separator: '',
      lead: '',
      key: 'subscription',
      secretEncoding: 'base64',
      secretPrefix: 'acme_sk_',
      publicKeyPrefix: 'acme_pk_',
    },
  ],
  secret: { prefix: 'acme_sk_', bytes: 32, encoding: 'base64' },
  apiKey: { header: 'X-API-Key', prefix: 'acme_' },
} as const
