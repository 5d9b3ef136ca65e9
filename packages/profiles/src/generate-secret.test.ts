import type { Profile } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { checkSecret, generateSecret, kindOfSecret, publicKeyOf } from './generate-secret.ts'
import { shippedProfiles } from './shipped.ts'

const shipped = (name: string) => shippedProfiles.get(name) as Profile

test.each([
  ['lumirecrm', /^lum_whsec_[0-9a-f]{64}$/],
  ['standard', /^whsec_[A-Za-z0-9+/]{43}=$/],
])('a secret of %s looks like %s', (name, form) => {
  const secret = generateSecret(shipped(name))
  expect(secret).toMatch(form)
  expect(publicKeyOf(shipped(name), secret)).toBeUndefined()
})

test('a key pair of standard is a private key for us and a public key for receivers', () => {
  const secret = generateSecret(shipped('standard'), 'ed25519')
  expect(secret).toMatch(/^whsk_[A-Za-z0-9+/]{86}==$/)
  expect(kindOfSecret(shipped('standard'), secret)).toBe('ed25519')
  const publicKey = publicKeyOf(shipped('standard'), secret) ?? ''
  expect(publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/)
  // The private key has the public one as its second half, as libraries expect.
  expect(Buffer.from(secret.slice(5), 'base64').subarray(32)).toEqual(Buffer.from(publicKey.slice(5), 'base64'))
})

test('there are no key pairs where nothing is signed with them', () => {
  expect(() => generateSecret(shipped('lumirecrm'), 'ed25519')).toThrow(RangeError)
})

test.each([
  ['standard', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', undefined],
  ['standard', 'whsec_not base64', 'must be base64 after whsec_'],
  ['standard', 'whsec_c2hvcnQ=', 'must have at least 16 bytes after whsec_'],
  ['standard', 'whsk_c2hvcnQ=', 'An ed25519 key has 32 bytes, or 64 with its public key; this one has 5.'],
  ['standard', `whsk_${Buffer.alloc(32).toString('base64')}`, undefined],
  ['lumoauth', 'your-webhook-secret', undefined],
  ['lumoauth', 'short', 'must have at least 16 characters'],
])('%s, %s: %s', (name, secret, expected) => {
  expect(checkSecret(shipped(name), secret)).toBe(expected)
})
