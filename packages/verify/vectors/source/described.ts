import { createHmac } from 'node:crypto'
import { hmacHex } from './sign.ts'
import type { Vector, VectorFile } from './vector-file.ts'

const secret = "It's a Secret to Everybody"
// The known answer of GitHub's public page "Validating webhook deliveries".
const hello = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
const githubHeaders = { 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' }
const githubEvent = {
  type: 'push',
  deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  unsigned: ['event.type', 'delivery.id'],
}

export const githubStyle: VectorFile = {
  description: 'A scheme in the style of GitHub, described by a document.',
  profile: {
    name: 'github-style',
    signatures: [{ header: 'X-Hub-Signature-256', algorithm: 'hmac-sha256', encoding: 'hex', prefix: 'sha256=' }],
    headers: { 'X-GitHub-Event': '{event.type}', 'X-GitHub-Delivery': '{delivery.id}' },
  },
  vectors: [
    github("the known answer of GitHub's page", hello, { event: githubEvent }),
    github('the body changed', hello, { error: 'signature_mismatch' }, { body: 'Hello, World?' }),
    github(
      'the older SHA-1 header alone',
      '',
      { error: 'missing_header' },
      {
        headers: { 'X-Hub-Signature': `sha1=${createHmac('sha1', secret).update('Hello, World!').digest('hex')}` },
      },
    ),
  ],
}

function github(name: string, signature: string, expect: Vector['expect'], change: Partial<Vector> = {}): Vector {
  const headers = { ...githubHeaders, 'X-Hub-Signature-256': signature }
  return { name, secrets: [secret], now: 1_700_000_000, headers, body: 'Hello, World!', expect, ...change }
}

const sentAt = 1_492_774_577
const body =
  '{\n  "id": "evt_1",\n  "object": "event",\n  "type": "payment_intent.succeeded",\n  "created": 1492774500\n}'
const endpointSecret = 'whsec_stripe_style_is_utf8'
const v1 = hmacHex(endpointSecret, `${sentAt}.${body}`)
const stripeEvent = { id: 'evt_1', type: 'payment_intent.succeeded', timestamp: '2017-04-21T11:36:17.000Z' }

export const stripeStyle: VectorFile = {
  description: 'A scheme in the style of Stripe, described by a document: time and signatures in one header.',
  profile: {
    name: 'stripe-style',
    signatures: [
      {
        header: 'Stripe-Signature',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        lead: 't={timestamp},',
        prefix: 'v1=',
        separator: ',',
        content: '{timestamp}.{body}',
      },
    ],
    bodyFields: { 'event.id': 'id', 'event.type': 'type' },
    toleranceSeconds: 300,
  },
  vectors: [
    stripe('a signed event', `t=${sentAt},v1=${v1}`, { event: stripeEvent }),
    stripe('an older version beside it', `t=${sentAt},v1=${v1},v0=${hmacHex('x', 'y')}`, { event: stripeEvent }),
    stripe('two secrets during a rotation', `t=${sentAt},v1=${hmacHex('x', 'y')},v1=${v1}`, { event: stripeEvent }),
    stripe('white space and another order', `v1=${v1}, t=${sentAt}`, { event: stripeEvent }),
    stripe('only an older version', `t=${sentAt},v0=${v1}`, { error: 'malformed_signature' }),
    stripe('no time', `v1=${v1}`, { error: 'malformed_signature' }),
    stripe('a time that is no number', `t=now,v1=${v1}`, { error: 'malformed_timestamp' }),
    stripe('a new time', `t=${sentAt + 400},v1=${v1}`, { error: 'signature_mismatch' }),
    stripe('too old', `t=${sentAt},v1=${v1}`, { error: 'timestamp_too_old' }, { now: sentAt + 301 }),
    stripe('no signature', '', { error: 'missing_header' }, { headers: {} }),
  ],
}

function stripe(name: string, signature: string, expect: Vector['expect'], change: Partial<Vector> = {}): Vector {
  const headers = { 'Stripe-Signature': signature }
  return { name, secrets: [endpointSecret], now: sentAt + 5, headers, body, expect, ...change }
}

const sha512Secret = 'c2hhNTEyLXNlY3JldC1vZi0yNC1ieXRlcw=='
const sha512 = (content: string): string =>
  `v0=${createHmac('sha512', Buffer.from(sha512Secret, 'base64')).update(content).digest('base64')}`

export const sha512Style: VectorFile = {
  description: 'HMAC-SHA512 in base64 over delivery id, attempt, time in milliseconds and body; a base64 secret.',
  profile: {
    name: 'sha512-style',
    signatures: [
      {
        header: 'X-Acme-Signature',
        algorithm: 'hmac-sha512',
        encoding: 'base64',
        prefix: 'v0=',
        content: 'v0:{delivery.id}:{attempt}:{timestamp}:{body}',
        secretEncoding: 'base64',
      },
    ],
    headers: {
      'X-Acme-Delivery': '{delivery.id}',
      'X-Acme-Attempt': 'no. {attempt}',
      'X-Acme-Time': '{timestamp}',
      'X-Acme-Account': '{tenant}',
      'User-Agent': 'Acme/1',
    },
    timestampFormat: 'milliseconds',
    toleranceSeconds: 60,
  },
  vectors: [
    acme('every signed fact', sha512('v0:dlv_1:3:1700000000123:{}'), { event: acmeEvent() }),
    acme('the attempt changed', sha512('v0:dlv_1:2:1700000000123:{}'), { error: 'signature_mismatch' }),
    acme(
      'an attempt in another form',
      sha512('v0:dlv_1:3:1700000000123:{}'),
      { error: 'missing_header' },
      {
        'X-Acme-Attempt': '3',
      },
    ),
  ],
}

function acmeEvent() {
  return {
    deliveryId: 'dlv_1',
    attempt: 3,
    tenant: 'acme',
    timestamp: '2023-11-14T22:13:20.123Z',
    unsigned: ['tenant'],
  }
}

function acme(name: string, signature: string, expect: Vector['expect'], change: Record<string, string> = {}): Vector {
  const headers = {
    'X-Acme-Delivery': 'dlv_1',
    'X-Acme-Attempt': 'no. 3',
    'X-Acme-Time': '1700000000123',
    'X-Acme-Account': 'acme',
    'X-Acme-Signature': signature,
    ...change,
  }
  return { name, secrets: [sha512Secret], now: 1_700_000_001, headers, body: '{}', expect }
}
