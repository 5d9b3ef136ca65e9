import { oddSpacing } from './bodies.ts'
import { hmacHex } from './sign.ts'
import type { Vector, VectorFile } from './vector-file.ts'

const secret = 'lucra-shared-secret-7d1f'
const oldSecret = 'lucra-shared-secret-0a00'
const now = 1_767_225_599
const body =
  '{"event":"FundsDeposited","userId":"user_91","tenantId":"tenant_7","properties":{"amount":25.50,"currency":"USD"}}'
const event = { type: 'FundsDeposited', tenant: 'tenant_7' }
const current = `sha256=${hmacHex(secret, body)}`
const old = `sha256=${hmacHex(oldSecret, body)}`

function vector(name: string, signature: string, expect: Vector['expect'], change = {}): Vector {
  return { name, secrets: [secret], now, headers: { 'X-Lucra-Signature': signature }, body, expect, ...change }
}

export const lucra: VectorFile = {
  description: 'Lucra: "sha256=" and the hexadecimal HMAC-SHA256 of the raw body; while a secret is rotated, several.',
  profile: 'lucra',
  vectors: [
    vector('a signed delivery', current, { event }),
    vector(
      'odd spacing, and no event in it',
      `sha256=${hmacHex(secret, oddSpacing)}`,
      { event: {} },
      { body: oddSpacing },
    ),
    vector('during a rotation, to a receiver with the new secret', `${current},${old}`, { event }),
    vector(
      'during a rotation, to a receiver with the old secret',
      `${current},${old}`,
      { event },
      { secrets: [oldSecret] },
    ),
    vector('white space after the comma', `${old}, ${current}`, { event }),
    vector('one signature, to a receiver with both secrets', old, { event }, { secrets: [secret, oldSecret] }),
    vector('a broken signature beside a right one', `sha256=xyz,${current}`, { event }),
    vector('of an algorithm to come, beside a right one', `sha3=${hmacHex('x', 'y')},${current}`, { event }),
    vector('no signature', '', { error: 'missing_header' }, { headers: {} }),
    vector('no prefix', hmacHex(secret, body), { error: 'malformed_signature' }),
    vector('the prefix alone', 'sha256=', { error: 'malformed_signature' }),
    vector('the prefix of another algorithm', `sha1=${hmacHex(secret, body)}`, { error: 'malformed_signature' }),
    vector('more signatures than any rotation needs', Array.from({ length: 17 }, () => current).join(','), {
      error: 'malformed_signature',
    }),
    vector('the body changed', current, { error: 'signature_mismatch' }, { body: body.replace('25.50', '2550') }),
    vector('only the old secret signed', old, { error: 'signature_mismatch' }),
  ],
}
