import { hmacHex } from './sign.ts'
import type { Vector, VectorFile } from './vector-file.ts'

const secret = 'your-webhook-secret'
const sentAt = 1_738_420_200
// The payload of LumoAuth's public page.
const body = `{
"id": "evt_abc123",
"type": "auth.login.success",
"timestamp": "2025-02-01T14:30:00Z",
"tenant": "acme-corp",
"data": {
"user_id": "user-uuid",
"email": "alice@acme.com",
"ip_address": "192.168.1.100",
"user_agent": "Mozilla/5.0...",
"method": "password",
"session_id": "sess-uuid"
}
}`
const event = {
  id: 'evt_abc123',
  type: 'auth.login.success',
  tenant: 'acme-corp',
  timestamp: '2025-02-01T14:30:00.000Z',
}

function vector(name: string, expect: Vector['expect'], change: Partial<Vector> = {}): Vector {
  const signature = `sha256=${hmacHex(secret, change.body ?? body)}`
  return {
    name,
    secrets: [secret],
    now: sentAt,
    headers: { 'X-LumoAuth-Signature': signature },
    body,
    expect,
    ...change,
  }
}

const withTime = (time: string): string => body.replace('2025-02-01T14:30:00Z', time)

export const lumoauth: VectorFile = {
  description:
    'LumoAuth: "sha256=" and the hexadecimal HMAC-SHA256 of the raw body, which has id, type, time and tenant.',
  profile: 'lumoauth',
  vectors: [
    vector("the payload of LumoAuth's page", { event }),
    vector('the fifth attempt, an hour later', { event }, { now: sentAt + 3_600 }),
    vector('within a tolerance asked for', { event }, { toleranceSeconds: 7_200, now: sentAt + 7_200 }),
    vector(
      'an offset and a fraction in the time',
      { event: { ...event, timestamp: '2025-02-01T14:30:00.123Z' } },
      {
        body: withTime('2025-02-01T16:30:00.123+02:00'),
        toleranceSeconds: 60,
      },
    ),
    vector(
      'a number for an id that no double can hold is left out',
      { event: { type: 't' } },
      {
        body: '{"id":12345678901234567890,"type":"t"}',
      },
    ),
    vector(
      "facts are the body's own fields",
      { event: { type: 't' } },
      { body: '{"type":"t","data":{"id":"evt_inner"}}' },
    ),
    vector(
      'older than a tolerance asked for',
      { error: 'timestamp_too_old' },
      {
        toleranceSeconds: 7_200,
        now: sentAt + 7_201,
      },
    ),
    vector(
      'a time without its zone',
      { error: 'malformed_timestamp' },
      {
        body: withTime('2025-02-01T14:30:00'),
        toleranceSeconds: 60,
      },
    ),
    vector(
      'a time that does not exist',
      { error: 'malformed_timestamp' },
      {
        body: withTime('2025-02-41T14:30:00Z'),
        toleranceSeconds: 60,
      },
    ),
    vector(
      'line breaks rewritten on the way',
      { error: 'signature_mismatch' },
      {
        headers: { 'X-LumoAuth-Signature': `sha256=${hmacHex(secret, body)}` },
        body: body.replaceAll('\n', '\r\n'),
      },
    ),
    vector(
      'no prefix',
      { error: 'malformed_signature' },
      { headers: { 'X-LumoAuth-Signature': hmacHex(secret, body) } },
    ),
    vector(
      'the placeholder of the page',
      { error: 'malformed_signature' },
      {
        headers: { 'X-LumoAuth-Signature': 'sha256=abc123...' },
      },
    ),
    vector('no signature', { error: 'missing_header' }, { headers: {} }),
  ],
}
