import { createHmac } from 'node:crypto'
import { SignatureScheme } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { compileProfile } from './compile.ts'
import { shippedProfiles } from './shipped.ts'
import type { RequestFacts } from './template.ts'
import { lumirecrm } from './lumirecrm.ts'

const facts: RequestFacts = {
  tenant: 'lumire',
  eventId: 'evt_1',
  eventType: 'deposit.settled',
  deliveryId: 'dlv_1',
  attempt: 2,
  nowMs: 1_700_000_000_999,
  body: Buffer.from('{ "amount": 10.00 }'),
}

test('every shipped profile compiles', () => {
  for (const profile of shippedProfiles.values()) expect(() => compileProfile(profile)).not.toThrow()
})

test('lumirecrm signs the raw body in hex and names event, delivery and attempt', () => {
  const headers = compileProfile(lumirecrm).renderHeaders(facts, 'a secret')
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'x-lumirecrm-event': 'deposit.settled',
    'x-lumirecrm-delivery': 'dlv_1',
    'x-lumirecrm-attempt': '2',
    'x-lumirecrm-signature': createHmac('sha256', 'a secret').update(facts.body).digest('hex'),
  })
})

test('the known answer of a provider that signs the raw body', () => {
  // From Lumin Sign's public page, checked there with openssl.
  const body = Buffer.from(
    '{"event": { "event_time": 1694664207595, "event_type": "signature_request_sent" }, "signature_request": { "signature_request_id": "fa5c8a0b0f492d768749333ad6fcc214c111e967", "title": "My first request" } }',
  )
  expect(
    compileProfile(lumirecrm).renderHeaders({ ...facts, body }, 'my_primary_api_key')['x-lumirecrm-signature'],
  ).toBe('3810cb411041efab279d31698b9584372e5ede9d1641fbb354810f16e51be81c')
})

test('signed content may mix placeholders and text', () => {
  const scheme = SignatureScheme.parse({
    header: 'X-Signature',
    algorithm: 'hmac-sha512',
    encoding: 'base64',
    prefix: 'v0=',
    content: '{event.id}.{timestamp}.{body}',
  })
  const expected = createHmac('sha512', 's').update(`evt_1.1700000000.${facts.body.toString()}`).digest('base64')
  expect(compileProfile({ ...lumirecrm, signatures: [scheme] }).renderHeaders(facts, 's')['x-signature']).toBe(
    `v0=${expected}`,
  )
})

test('a placeholder that does not exist is refused when the profile is compiled', () => {
  expect(() => compileProfile({ ...lumirecrm, headers: { 'X-A': '{event.name}' } })).toThrow(
    /no placeholder \{event\.name\}/,
  )
})

test.each([
  ['2xx', 200, true],
  ['2xx', 204, true],
  ['2xx', 302, false],
  ['2xx', 500, false],
  ['200', 200, true],
  ['200', 204, false],
] as const)('success rule %s: status %i is success: %s', (success, status, expected) => {
  expect(compileProfile({ ...lumirecrm, success }).isSuccess(status)).toBe(expected)
})
