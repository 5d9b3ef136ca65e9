import { binary, oddBodies, plain } from './bodies.ts'
import { hmacHex } from './sign.ts'
import type { Vector, VectorFile } from './vector-file.ts'

const secret = 'lum_whsec_5f0c2d3a9b7e41468c1d'
const oldSecret = 'lum_whsec_0000000000000000old'
const now = 1_700_000_000
const facts = {
  'X-LumireCRM-Event': 'deposit.settled',
  'X-LumireCRM-Event-Id': 'evt_018bcfe56800a1b2c3d4e5f6',
  'X-LumireCRM-Delivery': 'dlv_0f3a9d2c4b5e6f708192a3b4c5d6e7f8',
  'X-LumireCRM-Attempt': '2',
}
const event = {
  type: 'deposit.settled',
  id: 'evt_018bcfe56800a1b2c3d4e5f6',
  deliveryId: 'dlv_0f3a9d2c4b5e6f708192a3b4c5d6e7f8',
  attempt: 2,
  unsigned: ['event.type', 'event.id', 'delivery.id', 'attempt'],
}
const signature = hmacHex(secret, plain)

function vector(name: string, headers: Record<string, string>, expect: Vector['expect'], change = {}): Vector {
  return { name, secrets: [secret], now, headers: { ...facts, ...headers }, body: plain, expect, ...change }
}

export const lumirecrm: VectorFile = {
  description: 'LumireCRM: hexadecimal HMAC-SHA256 of the raw body. The other headers are not signed.',
  profile: 'lumirecrm',
  vectors: [
    vector('a signed delivery', { 'X-LumireCRM-Signature': signature }, { event }),
    ...Object.entries(oddBodies).map(([name, body]) =>
      vector(name, { 'X-LumireCRM-Signature': hmacHex(secret, body) }, { event }, { body }),
    ),
    {
      name: 'bytes that are no UTF-8',
      secrets: [secret],
      now,
      headers: { ...facts, 'X-LumireCRM-Signature': hmacHex(secret, binary) },
      bodyBase64: binary.toString('base64'),
      expect: { event },
    },
    {
      name: 'nothing but body and signature',
      secrets: [secret],
      now,
      headers: { 'X-LumireCRM-Signature': signature },
      body: plain,
      expect: { event: {} },
    },
    vector(
      'header names and hex digits in the other case',
      {},
      { event: {} },
      {
        headers: { 'x-lumirecrm-signature': signature.toUpperCase() },
      },
    ),
    vector(
      'the old secret still signs',
      { 'X-LumireCRM-Signature': hmacHex(oldSecret, plain) },
      { event },
      {
        secrets: [secret, oldSecret],
      },
    ),
    vector(
      'a secret of letters beyond ASCII is its UTF-8 bytes',
      { 'X-LumireCRM-Signature': hmacHex('pässwörd-🪝', plain) },
      { event },
      { secrets: ['pässwörd-🪝'] },
    ),
    vector(
      'a secret longer than a block of the hash',
      { 'X-LumireCRM-Signature': hmacHex('k'.repeat(200), plain) },
      { event },
      { secrets: ['k'.repeat(200)] },
    ),
    vector('no signature', {}, { error: 'missing_header' }),
    vector('an empty signature', { 'X-LumireCRM-Signature': '' }, { error: 'malformed_signature' }),
    vector(
      'a signature cut short',
      { 'X-LumireCRM-Signature': signature.slice(0, 62) },
      { error: 'malformed_signature' },
    ),
    vector(
      'not hexadecimal',
      { 'X-LumireCRM-Signature': `${signature.slice(0, 63)}g` },
      { error: 'malformed_signature' },
    ),
    vector(
      'base64 where hex belongs',
      { 'X-LumireCRM-Signature': Buffer.from(signature, 'hex').toString('base64') },
      { error: 'malformed_signature' },
    ),
    vector(
      'a prefix that does not belong',
      { 'X-LumireCRM-Signature': `sha256=${signature}` },
      { error: 'malformed_signature' },
    ),
    vector(
      'two signatures where one belongs',
      { 'X-LumireCRM-Signature': `${signature}, ${signature}` },
      { error: 'malformed_signature' },
    ),
    vector(
      'the last digit changed',
      { 'X-LumireCRM-Signature': signature.slice(0, 63) + (signature.endsWith('0') ? '1' : '0') },
      { error: 'signature_mismatch' },
    ),
    vector(
      'the body changed',
      { 'X-LumireCRM-Signature': signature },
      { error: 'signature_mismatch' },
      {
        body: plain.replace('125.00', '925.00'),
      },
    ),
    vector(
      'the body parsed and written again',
      { 'X-LumireCRM-Signature': hmacHex(secret, oddBodies['odd spacing and a final line break']) },
      { error: 'signature_mismatch' },
      { body: JSON.stringify(JSON.parse(oddBodies['odd spacing and a final line break'])) },
    ),
    vector(
      "another endpoint's secret",
      { 'X-LumireCRM-Signature': hmacHex('another', plain) },
      { error: 'signature_mismatch' },
    ),
    vector('a hash without a key', { 'X-LumireCRM-Signature': hmacHex('', plain) }, { error: 'signature_mismatch' }),
    vector(
      'an empty secret',
      { 'X-LumireCRM-Signature': hmacHex('', plain) },
      { error: 'malformed_secret' },
      {
        secrets: [''],
      },
    ),
    vector('no secret at all', { 'X-LumireCRM-Signature': signature }, { error: 'malformed_secret' }, { secrets: [] }),
    vector(
      'a secret with the line break of the file it was in',
      { 'X-LumireCRM-Signature': signature },
      { error: 'malformed_secret' },
      { secrets: [`${secret}\n`] },
    ),
    vector(
      'a tolerance, though nothing tells the time',
      { 'X-LumireCRM-Signature': signature },
      { error: 'malformed_tolerance' },
      { toleranceSeconds: 300 },
    ),
  ],
}
