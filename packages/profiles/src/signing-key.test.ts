import { Profile } from '@jethook/contracts'
import { describe, expect, test } from 'vitest'
import { compileProfile } from './compile.ts'
import { createRenderer } from './create-renderer.ts'
import { facts } from '../test/given-facts.ts'
import { publicKeyText, signingKey } from './signing-key.ts'

// RFC 8032, section 7.1: the first three and the one of 1023 bytes would say nothing more.
const vectors = [
  {
    name: 'TEST 1',
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    name: 'TEST 2',
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    name: 'TEST 3',
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
]

describe.each(vectors)('RFC 8032 $name', ({ seed, publicKey, message, signature }) => {
  test.each([
    ['the seed', seed],
    ['seed and public key', seed + publicKey],
  ])('is signed with %s', (_name, secret) => {
    const profile = Profile.parse({
      name: 'rfc-8032',
      eventTypes: [{ name: 'a' }],
      signatures: [{ header: 'X-Signature', algorithm: 'ed25519', encoding: 'hex', secretEncoding: 'hex' }],
    })
    const render = createRenderer({ profile: compileProfile(profile), secrets: { subscription: [{ text: secret }] } })
    expect(render({ ...facts, payload: Buffer.from(message, 'hex') }).headers['x-signature']).toBe(signature)
  })

  test('has this public key', () => {
    const scheme = { algorithm: 'ed25519', secretEncoding: 'hex', secretPrefix: '', publicKeyPrefix: 'whpk_' } as const
    expect(publicKeyText(scheme, seed)).toBe(`whpk_${publicKey}`)
  })
})

test('a secret that cannot be an ed25519 key is refused', () => {
  const scheme = { algorithm: 'ed25519', secretEncoding: 'base64', secretPrefix: 'whsk_' } as const
  expect(() => signingKey(scheme, 'whsk_c2hvcnQ=')).toThrow('An ed25519 key has 32 bytes')
})

test.each([
  ['utf8', '', 'söcret', 'söcret'],
  ['base64', 'whsec_', 'whsec_c2VjcmV0', 'secret'],
  ['base64', 'whsec_', 'c2VjcmV0', 'secret'],
  ['base64', 'whsec_', 'not base64!', 'not base64!'],
  ['hex', '', '736563726574', 'secret'],
  ['hex', '', '73656372657', '73656372657'],
] as const)('%s after "%s": %s is the key %s', (secretEncoding, secretPrefix, secret, expected) => {
  const key = signingKey({ algorithm: 'hmac-sha256', secretEncoding, secretPrefix }, secret)
  expect(key.export().toString()).toBe(expected)
})
