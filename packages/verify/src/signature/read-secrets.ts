import { decodeBase64, decodeHex, encodeUtf8 } from '../encoding.ts'
import { WebhookVerificationError } from '../error.ts'
import type { CompiledScheme } from '../profile/compile-profile.ts'
import { importKey, type VerificationKey } from './verification-key.ts'

/** The keys of each scheme that a secret was given for. Throws `malformed_secret`; the message never shows the secret. */
export function readSecrets(
  schemes: readonly CompiledScheme[],
  secrets: readonly string[],
): ReadonlyMap<CompiledScheme, readonly VerificationKey[]> {
  if (secrets.length === 0) throw malformed('No secret was given')
  const keys = new Map<CompiledScheme, VerificationKey[]>()
  for (const secret of secrets) {
    if (typeof secret !== 'string') throw malformed(`A secret is ${String(secret)}: is its environment variable set?`)
    for (const scheme of schemesFor(secret, schemes)) {
      keys.set(scheme, [...(keys.get(scheme) ?? []), importKey(scheme.algorithm, keyBytes(secret, scheme))])
    }
  }
  return keys
}

function schemesFor(secret: string, schemes: readonly CompiledScheme[]): readonly CompiledScheme[] {
  const named = schemes.filter(({ secretPrefix }) => secretPrefix !== '' && secret.trim().startsWith(secretPrefix))
  if (named.length > 0) return named
  const unnamed = schemes.filter(({ secretPrefix }) => secretPrefix === '')
  return unnamed.length > 0 ? unnamed : schemes.slice(0, 1)
}

const privateKeyPrefix = 'whsk_'

function keyBytes(
  secret: string,
  { secretEncoding, secretPrefix, algorithm }: CompiledScheme,
): Uint8Array<ArrayBuffer> {
  if (secret.trim() === '') throw malformed('A secret is empty: is its environment variable set?')
  if (secretEncoding === 'utf8') {
    if (/^[\r\n]|[\r\n]$/.test(secret)) throw malformed('A secret begins or ends with a line break: trim it')
    return encodeUtf8(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret)
  }
  const trimmed = secret.trim()
  if (trimmed.startsWith(privateKeyPrefix)) {
    throw malformed(
      `A secret begins with ${privateKeyPrefix}: that is the sender's private key; a receiver needs whpk_`,
    )
  }
  const text = trimmed.startsWith(secretPrefix) ? trimmed.slice(secretPrefix.length) : trimmed
  const bytes = secretEncoding === 'hex' ? decodeHex(text) : decodeBase64(text)
  if (bytes === undefined || bytes.length === 0) {
    throw malformed(`A secret is not ${secretPrefix === '' ? '' : `${secretPrefix} and `}${secretEncoding}`)
  }
  if (algorithm === 'ed25519' && bytes.length !== 32) {
    throw malformed(`An ed25519 public key has 32 bytes, this one ${bytes.length}`)
  }
  return bytes
}

function malformed(message: string): WebhookVerificationError {
  return new WebhookVerificationError('malformed_secret', `${message}.`)
}
