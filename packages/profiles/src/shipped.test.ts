import { createHmac } from 'node:crypto'
import type { SignatureScheme } from '@jethook/contracts'
import { describe, expect, test } from 'vitest'
import { checkProfile } from './check-profile.ts'
import { compileProfile } from './compile.ts'
import { createRenderer } from './create-renderer.ts'
import { facts } from '../test/given-facts.ts'
import { shippedProfiles } from './shipped.ts'
import type { SigningSecrets } from './compile-signatures.ts'

const shipped = (name: string) => shippedProfiles.get(name) ?? expect.fail(`there is no profile ${name}`)

const render = (name: string, secrets: SigningSecrets, changed: Partial<typeof facts> = {}) =>
  createRenderer({ profile: compileProfile(shipped(name)), secrets })({ ...facts, ...changed })

const subscription = [{ text: 'a secret' }]
const hexHmac = (secret: string, body: Uint8Array): string => createHmac('sha256', secret).update(body).digest('hex')

test.each([...shippedProfiles.keys()])('%s is a document that may be stored', (name) => {
  expect(checkProfile(shipped(name))).toEqual([])
})

test('lumirecrm signs the raw body in hex and names event, delivery and attempt', () => {
  const { headers, body } = render('lumirecrm', { subscription })
  expect(body).toBe(facts.payload)
  expect(headers).toEqual({
    'content-type': 'application/json',
    'user-agent': 'LumireCRM-Webhooks/1',
    'x-lumirecrm-event': 'deposit.settled',
    'x-lumirecrm-event-id': 'evt_1',
    'x-lumirecrm-delivery': 'dlv_1',
    'x-lumirecrm-attempt': '2',
    'x-lumirecrm-signature': hexHmac('a secret', facts.payload),
  })
})

test('lucra says how it hashed, and puts both signatures into the header while a secret is rotated', () => {
  const { headers } = render('lucra', { subscription: [{ text: 'new' }, { text: 'old', untilMs: Infinity }] })
  const [signedNew, signedOld] = ['new', 'old'].map((secret) => hexHmac(secret, facts.payload))
  expect(headers['x-lucra-signature']).toBe(`sha256=${signedNew},sha256=${signedOld}`)
})

describe('lumin-sign', () => {
  // From Lumin Sign's public page, checked there with openssl.
  const payload = Buffer.from(
    '{"event": { "event_time": 1694664207595, "event_type": "signature_request_sent" }, "signature_request": { "signature_request_id": "fa5c8a0b0f492d768749333ad6fcc214c111e967", "title": "My first request" } }',
  )
  const knownAnswer = '3810cb411041efab279d31698b9584372e5ede9d1641fbb354810f16e51be81c'
  const key = [{ text: 'my_primary_api_key' }]

  test("signs with the account's primary API key, as on its page", () => {
    const { headers, body } = render('lumin-sign', { subscription, account: key }, { payload })
    expect(body).toBe(payload)
    expect(headers).toMatchObject({ 'user-agent': 'Lumin Sign API', 'x-signature': knownAnswer })
  })

  test("signs for a subscription of an app with the app's secret", () => {
    expect(render('lumin-sign', { subscription, app: key }, { payload }).headers['x-signature']).toBe(knownAnswer)
  })

  test('renders nothing when there is no key to sign with', () => {
    expect(() => render('lumin-sign', { subscription })).toThrow(
      "The profile lumin-sign signs with the tenant's primary API key or the signing secret of the subscription's app, and there is none that it can use.",
    )
  })
})

test('lumoauth puts the payload into its envelope byte for byte, and signs the envelope', () => {
  const { headers, body } = render('lumoauth', { subscription })
  expect(Buffer.from(body).toString()).toBe(
    '{"id":"evt_1","type":"deposit.settled","timestamp":"2025-02-01T14:30:00Z","tenant":"lumire","data":{ "amount": 10.00 }}',
  )
  expect(headers['x-lumoauth-signature']).toBe(`sha256=${hexHmac('a secret', body)}`)
})

describe.each([
  ['standard', 'webhook'],
  ['svix', 'svix'],
])('%s', (name, prefix) => {
  // The known answer in the test suites of the Standard Webhooks libraries.
  const known = {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    facts: {
      eventId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      nowMs: 1_614_265_330_000,
      payload: Buffer.from('{"test": 2432232314}'),
    },
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }

  test('gives the known answer', () => {
    expect(render(name, { subscription: [{ text: known.secret }] }, known.facts).headers).toMatchObject({
      [`${prefix}-id`]: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      [`${prefix}-timestamp`]: '1614265330',
      [`${prefix}-signature`]: known.signature,
    })
  })

  test('signs with a private key instead when the secret is one, and with both while it moves from one to the other', () => {
    const privateKey = { text: `whsk_${Buffer.alloc(32, 7).toString('base64')}` }
    const header = `${prefix}-signature`
    const { [header]: asymmetric = '' } = render(name, { subscription: [privateKey] }, known.facts).headers
    expect(asymmetric).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/)
    const rotating = { subscription: [privateKey, { text: known.secret, untilMs: Infinity }] }
    expect(render(name, rotating, known.facts).headers[header]?.split(' ').toSorted()).toEqual([
      known.signature,
      asymmetric,
    ])
  })
})

test('every scheme of a shipped profile says everything a receiver has to know', () => {
  const schemes: SignatureScheme[] = [...shippedProfiles.values()].flatMap(({ signatures }) => signatures)
  for (const scheme of schemes) expect(scheme.content).toContain('{body}')
})
