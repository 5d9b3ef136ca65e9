import { createPublicKey } from 'node:crypto'
import { oddBodies } from './bodies.ts'
import { privateKey, v1, v1a } from './sign.ts'
import type { Vector, VectorFile } from './vector-file.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const oldSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const sentAt = 1_614_265_330
const body = '{"test": 2432232314}'
// The known answers of the reference libraries for secret, id, time and body above, and for the ed25519 seed below.
const known = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const knownAsymmetric = 'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=='
const seed = Buffer.from('VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=', 'base64')
const publicKey = `whpk_${rawPublicKey(seed)}`
const otherSignature = 'Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc='
const event = { id, timestamp: '2021-02-25T15:02:10.000Z' }

function rawPublicKey(of: Buffer): string {
  return createPublicKey(privateKey(of)).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
}

/** The vectors of Standard Webhooks with the headers `webhook-…` or `svix-…`. */
export function standardVectors(prefix: string, profile: string): VectorFile {
  const header = (signature: string, change: Record<string, string> = {}): Record<string, string> => {
    const all = { id, timestamp: String(sentAt), signature, ...change }
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [`${prefix}-${name}`, value]))
  }
  const without = (name: string): Record<string, string> => {
    const { [`${prefix}-${name}`]: _left, ...others } = header(known)
    return others
  }
  const vector = (name: string, signature: string, expect: Vector['expect'], change: Partial<Vector> = {}): Vector => {
    return { name, secrets: [secret], now: sentAt + 1, headers: header(signature), body, expect, ...change }
  }
  const asymmetric = { secrets: [publicKey] }
  const typed = '{"type":"contact.created","timestamp":"2021-02-25T15:02:09.344522Z","data":{"id":"1f81eb52"}}'

  return {
    description: `Standard Webhooks with the headers ${prefix}-id, ${prefix}-timestamp and ${prefix}-signature.`,
    profile,
    vectors: [
      vector('the known answer for v1', known, { event }),
      vector('the known answer for v1a', knownAsymmetric, { event }, asymmetric),
      vector(
        'the type is in the body',
        v1(secret, id, sentAt, typed),
        { event: { ...event, type: 'contact.created' } },
        {
          body: typed,
        },
      ),
      ...Object.entries(oddBodies).map(([name, odd]) =>
        vector(name, v1(secret, id, sentAt, odd), { event }, { body: odd }),
      ),
      vector(
        'unicode, with ed25519',
        v1a(seed, id, sentAt, '{"name":"Zoë 🪝"}'),
        { event },
        {
          ...asymmetric,
          body: '{"name":"Zoë 🪝"}',
        },
      ),
      vector('a secret without its prefix', known, { event }, { secrets: [secret.slice('whsec_'.length)] }),
      vector('a secret with white space around it', known, { event }, { secrets: [` ${secret}\n`] }),
      vector('several signatures of several versions', `v1,${otherSignature} v2,${otherSignature} ${known}`, { event }),
      vector(
        'during a rotation, to a receiver with the old secret',
        `${v1(oldSecret, id, sentAt, body)} ${known}`,
        { event },
        {
          secrets: [oldSecret],
        },
      ),
      vector(
        'one signature, to a receiver with both secrets',
        v1(oldSecret, id, sentAt, body),
        { event },
        {
          secrets: [secret, oldSecret],
        },
      ),
      vector(
        'signed both ways, to a receiver with the public key',
        `${known} ${knownAsymmetric}`,
        { event },
        asymmetric,
      ),
      vector('to a receiver that moves from v1 to v1a', known, { event }, { secrets: [publicKey, secret] }),
      vector(
        'an id with a full stop',
        v1(secret, 'order.17', sentAt, body),
        { event: { ...event, id: 'order.17' } },
        {
          headers: header(v1(secret, 'order.17', sentAt, body), { id: 'order.17' }),
        },
      ),
      vector('just within the tolerance', known, { event }, { now: sentAt + 300 }),
      vector('just within the tolerance, from the future', known, { event }, { now: sentAt - 300 }),
      vector('without a tolerance', known, { event }, { now: sentAt + 86_400, toleranceSeconds: null }),
      vector('just outside the tolerance', known, { error: 'timestamp_too_old' }, { now: sentAt + 301 }),
      vector(
        'just outside the tolerance, from the future',
        known,
        { error: 'timestamp_too_new' },
        { now: sentAt - 301 },
      ),
      vector(
        'outside a tolerance asked for',
        known,
        { error: 'timestamp_too_old' },
        {
          now: sentAt + 31,
          toleranceSeconds: 30,
        },
      ),
      vector(
        'a replay with a new time',
        known,
        { error: 'signature_mismatch' },
        {
          headers: header(known, { timestamp: String(sentAt + 86_400) }),
          now: sentAt + 86_400,
        },
      ),
      vector(
        'a replay with a new id',
        known,
        { error: 'signature_mismatch' },
        { headers: header(known, { id: 'msg_2' }) },
      ),
      vector('the body changed', known, { error: 'signature_mismatch' }, { body: '{"test": 2432232315}' }),
      vector('another secret', known, { error: 'signature_mismatch' }, { secrets: [oldSecret] }),
      vector(
        'another public key',
        knownAsymmetric,
        { error: 'signature_mismatch' },
        {
          secrets: [`whpk_${rawPublicKey(Buffer.alloc(32, 7))}`],
        },
      ),
      vector(
        'ed25519, the body changed',
        knownAsymmetric,
        { error: 'signature_mismatch' },
        {
          ...asymmetric,
          body: '{"test": 2432232315}',
        },
      ),
      vector(
        'v1 keyed with the public key, which is no secret',
        '',
        { error: 'malformed_signature' },
        {
          ...asymmetric,
          headers: header(v1(publicKey.replace('whpk_', 'whsec_'), id, sentAt, body)),
        },
      ),
      vector('only v1a, to a receiver with a v1 secret', knownAsymmetric, { error: 'malformed_signature' }),
      vector('no version', known.slice('v1,'.length), { error: 'malformed_signature' }),
      vector('a version and nothing else', 'v1,', { error: 'malformed_signature' }),
      vector('a signature cut short', known.slice(0, 20), { error: 'malformed_signature' }),
      vector('padding left out', known.slice(0, -1), { error: 'malformed_signature' }),
      vector('no signature', '', { error: 'missing_header' }, { headers: without('signature') }),
      vector('no id', '', { error: 'missing_header' }, { headers: without('id') }),
      vector('no timestamp', '', { error: 'missing_header' }, { headers: without('timestamp') }),
      ...['hello', '1614265330abc', '-1614265330', '1614265330.5', '1e9', '0x60379a32', ''].map((timestamp) =>
        vector(
          `the timestamp ${JSON.stringify(timestamp)}`,
          '',
          { error: timestamp === '' ? 'missing_header' : 'malformed_timestamp' },
          {
            headers: header(v1(secret, id, timestamp, body), { timestamp }),
          },
        ),
      ),
      ...['', 'whsec_', 'whsec_%%%%', 'whpk_AAAA', `whsk_${seed.toString('base64')}`].map((wrong) =>
        vector(`the secret ${JSON.stringify(wrong)}`, known, { error: 'malformed_secret' }, { secrets: [wrong] }),
      ),
    ],
  }
}
