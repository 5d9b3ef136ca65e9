import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { SignatureScheme } from '@jethook/contracts'

type KeyRules = Pick<SignatureScheme, 'algorithm' | 'secretEncoding' | 'secretPrefix'>

/** The key that a secret's text stands for. Throws when it cannot be a key of the scheme's algorithm. */
export function signingKey(scheme: KeyRules, secret: string): KeyObject {
  const bytes = keyBytes(scheme, secret)
  return scheme.algorithm === 'ed25519' ? ed25519Key(bytes) : createSecretKey(bytes)
}

/** What receivers verify ed25519 signatures with, in the scheme's form. */
export function publicKeyText(scheme: KeyRules & Pick<SignatureScheme, 'publicKeyPrefix'>, secret: string): string {
  const { x = '' } = createPublicKey(signingKey(scheme, secret)).export({ format: 'jwk' })
  const encoding = scheme.secretEncoding === 'hex' ? 'hex' : 'base64'
  return scheme.publicKeyPrefix + Buffer.from(x, 'base64url').toString(encoding)
}

/** The bytes of a secret in its encoding; undefined when it is not of it. */
export function decodeSecret({ secretEncoding, secretPrefix }: KeyRules, secret: string): Buffer | undefined {
  const text = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret
  switch (secretEncoding) {
    case 'utf8':
      return Buffer.from(text, 'utf8')
    case 'base64':
      return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1
        ? Buffer.from(text, 'base64')
        : undefined
    case 'hex':
      return /^([0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined
  }
}

/** A secret of another form, from a profile the subscription had before, signs with its own bytes. */
const keyBytes = (scheme: KeyRules, secret: string): Buffer =>
  decodeSecret(scheme, secret) ?? Buffer.from(secret, 'utf8')

const seedBytes = 32
/** The ASN.1 around an ed25519 seed in PKCS #8 (RFC 8410, section 7). */
const pkcs8Lead = Buffer.from('302e020100300506032b657004220420', 'hex')

/** From the seed alone, or followed by the public key, as most libraries write a secret key. */
function ed25519Key(bytes: Buffer): KeyObject {
  if (bytes.length !== seedBytes && bytes.length !== 2 * seedBytes)
    throw new Error(`An ed25519 key has 32 bytes, or 64 with its public key; this one has ${bytes.length}.`)
  const key = Buffer.concat([pkcs8Lead, bytes.subarray(0, seedBytes)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}
