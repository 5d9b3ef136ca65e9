import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Profile, SignatureScheme } from '@jethook/contracts'
import { decodeSecret, publicKeyText, signingKey } from './signing-key.ts'

export type SecretKind = 'hmac' | 'ed25519'

/** Whether a profile signs with secrets of this kind. */
export const hasSecretsOfKind = ({ signatures }: Profile, kind: SecretKind): boolean =>
  signatures.some(({ algorithm }) => (algorithm === 'ed25519') === (kind === 'ed25519'))

/** What a profile signs with unless something else is asked for. */
const usualKind = (profile: Profile): SecretKind => (hasSecretsOfKind(profile, 'hmac') ? 'hmac' : 'ed25519')

/** A new secret as the profile has them. Throws a RangeError when it has no ed25519 signatures. */
export function generateSecret(profile: Profile, kind: SecretKind = usualKind(profile)): string {
  if (kind === 'hmac') {
    const { prefix, bytes, encoding } = profile.secret
    return prefix + randomBytes(bytes).toString(encoding)
  }
  const scheme = ed25519Scheme(profile)
  if (!scheme) throw new RangeError(`The profile ${profile.name} has no ed25519 signatures.`)
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  // The seed and the public key: what most libraries call the secret key.
  const bytes = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')])
  return scheme.secretPrefix + bytes.toString(scheme.secretEncoding === 'hex' ? 'hex' : 'base64')
}

/** The public key of an ed25519 secret, which is what receivers get; undefined for other secrets. */
export function publicKeyOf(profile: Profile, secret: string): string | undefined {
  const scheme = ed25519Scheme(profile)
  return scheme && kindOfSecret(profile, secret) === 'ed25519' ? publicKeyText(scheme, secret) : undefined
}

export function kindOfSecret(profile: Profile, secret: string): SecretKind {
  const prefix = ed25519Scheme(profile)?.secretPrefix
  return prefix && secret.startsWith(prefix) ? 'ed25519' : usualKind(profile)
}

const shortestSecretBytes = 16
const longestSecretBytes = 512

/** What is wrong with a secret that somebody brings along. Undefined: it can be used. */
export function checkSecret(profile: Profile, secret: string): string | undefined {
  if (secret.length > longestSecretBytes) return `must be at most ${longestSecretBytes} characters`
  if (kindOfSecret(profile, secret) === 'ed25519') return checkEd25519(ed25519Scheme(profile), secret)
  const scheme = profile.signatures.find(({ secretPrefix }) => secretPrefix !== '' && secret.startsWith(secretPrefix))
  if (!scheme) return secret.length < shortestSecretBytes ? tooShort('characters') : undefined
  const bytes = decodeSecret(scheme, secret)
  if (!bytes) return `must be ${scheme.secretEncoding} after ${scheme.secretPrefix}`
  return bytes.length < shortestSecretBytes ? tooShort(`bytes after ${scheme.secretPrefix}`) : undefined
}

const tooShort = (what: string): string => `must have at least ${shortestSecretBytes} ${what}`

function checkEd25519(scheme: SignatureScheme | undefined, secret: string): string | undefined {
  try {
    if (scheme) signingKey(scheme, secret)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const ed25519Scheme = ({ signatures }: Profile): SignatureScheme | undefined =>
  signatures.find(({ algorithm }) => algorithm === 'ed25519')
