import { hmacHex } from './sign.ts'
import type { Vector, VectorFile } from './vector-file.ts'

const key = 'my_primary_api_key'
// Byte for byte from Lumin Sign's public page, as is the signature.
const body =
  '{"event": { "event_time": 1694664207595, "event_type": "signature_request_sent" }, "signature_request": { "signature_request_id": "fa5c8a0b0f492d768749333ad6fcc214c111e967", "title": "My first request" } }'
const printed = '3810cb411041efab279d31698b9584372e5ede9d1641fbb354810f16e51be81c'
const eventTime = 1_694_664_207
const event = { type: 'signature_request_sent', timestamp: '2023-09-14T04:03:27.595Z' }

function vector(name: string, expect: Vector['expect'], change: Partial<Vector> = {}): Vector {
  const sent = change.body ?? body
  const signature = sent === body ? printed : hmacHex(key, sent)
  const headers = { 'User-Agent': 'Lumin Sign API', 'X-Signature': signature }
  return { name, secrets: [key], now: eventTime + 2, headers, body, expect, ...change }
}

const withTime = (time: string): string =>
  `{"event":{"event_time":${time},"event_type":"signature_request_signed"},"signature_request":{"title":"Vertrag für Zoë 🪝"}}`

export const luminSign: VectorFile = {
  description:
    'Lumin Sign: hexadecimal HMAC-SHA256 of the raw body with the primary API key. The time is in the body, of the event.',
  profile: 'lumin-sign',
  vectors: [
    vector("the example of Lumin's page", { event }),
    vector('the last retry, more than a day later, with the same time', { event }, { now: eventTime + 110_000 }),
    vector('within a tolerance asked for', { event }, { toleranceSeconds: 300 }),
    vector(
      'an app webhook, signed with the signing secret of the app',
      { event },
      {
        secrets: ['app_signing_secret'],
        headers: { 'X-Signature': hmacHex('app_signing_secret', body) },
      },
    ),
    vector('while the key is rotated', { event }, { secrets: ['the_next_api_key', key] }),
    vector(
      'unicode',
      { event: { type: 'signature_request_signed', timestamp: '2023-09-14T04:03:28.000Z' } },
      {
        body: withTime('1694664208000'),
      },
    ),
    vector(
      'a time that cannot be read, and no tolerance',
      { event: { type: 'signature_request_signed' } },
      {
        body: withTime('"yesterday"'),
      },
    ),
    vector(
      'older than a tolerance asked for',
      { error: 'timestamp_too_old' },
      {
        toleranceSeconds: 300,
        now: eventTime + 302,
      },
    ),
    vector(
      'newer than a tolerance asked for',
      { error: 'timestamp_too_new' },
      {
        toleranceSeconds: 300,
        now: eventTime - 302,
      },
    ),
    vector(
      'a time that cannot be read',
      { error: 'malformed_timestamp' },
      {
        toleranceSeconds: 300,
        body: withTime('"yesterday"'),
      },
    ),
    vector('no time', { error: 'malformed_timestamp' }, { toleranceSeconds: 300, body: '{"event":{}}' }),
    vector(
      'a changed time is a changed body',
      { error: 'signature_mismatch' },
      {
        toleranceSeconds: 300,
        headers: { 'X-Signature': printed },
        body: body.replace('1694664207595', '1694664209595'),
      },
    ),
    vector(
      'the body written without its spaces',
      { error: 'signature_mismatch' },
      {
        headers: { 'X-Signature': printed },
        body: JSON.stringify(JSON.parse(body)),
      },
    ),
    vector('another key', { error: 'signature_mismatch' }, { secrets: ['my_secondary_api_key'] }),
    vector('no signature', { error: 'missing_header' }, { headers: { 'User-Agent': 'Lumin Sign API' } }),
    vector('no hexadecimal', { error: 'malformed_signature' }, { headers: { 'X-Signature': 'sha256' } }),
  ],
}
