import { decodeBase64, decodeHex, encodeUtf8 } from '../encoding.ts'
import { WebhookVerificationError } from '../error.ts'
import type { CompiledScheme } from '../profile/compile-profile.ts'
import { importKey, type VerificationKey } from './verification-key.ts'

/** The keys of each scheme that a secret was given for. Throws `malformed_secret`; the message never shows the secret. */
export function readSecrets(
  schemes: readonly CompiledScheme[],
  secrets: readonly (string | undefined)[],
): ReadonlyMap<CompiledScheme, readonly VerificationKey[]> {
  if (secrets.length === 0) throw malformed('No secret was given')
  const keys = new Map<CompiledScheme, VerificationKey[]>()
  for (const secret of secrets) {
    if (typeof secret !== 'string') throw malformed(`A secret is ${String(secret)}: is its environment variable set?`)
    if (secret.trim() === '') throw malformed('A secret is empty: is its environment variable set?')
    expectNoPrivateKey(secret.trim(), schemes)
    for (const scheme of schemesFor(secret.trim(), schemes)) {
      keys.set(scheme, [...(keys.get(scheme) ?? []), importKey(scheme.algorithm, keyBytes(secret, scheme))])
    }
  }
  return keys
}

function expectNoPrivateKey(secret: string, schemes: readonly CompiledScheme[]): void {
  const found = schemes.find(
    ({ algorithm, secretPrefix }) => algorithm === 'ed25519' && secretPrefix !== '' && secret.startsWith(secretPrefix),
  )
  if (!found) return
  const { secretPrefix, publicKeyPrefix } = found
  throw malformed(
    `A secret begins with ${secretPrefix}: that is a private key, only for senders; take ${publicKeyPrefix}…`,
  )
}

function schemesFor(secret: string, schemes: readonly CompiledScheme[]): readonly CompiledScheme[] {
  const named = schemes.filter((scheme) => prefixOf(scheme) !== '' && secret.startsWith(prefixOf(scheme)))
  if (named.length > 0) return named
  const unnamed = schemes.filter((scheme) => prefixOf(scheme) === '')
  return unnamed.length > 0 ? unnamed : schemes.slice(0, 1)
}

function prefixOf({ algorithm, secretPrefix, publicKeyPrefix }: CompiledScheme): string {
  return algorithm === 'ed25519' ? publicKeyPrefix : secretPrefix
}

function keyBytes(secret: string, scheme: CompiledScheme): Uint8Array<ArrayBuffer> {
  const { algorithm, secretEncoding } = scheme
  const prefix = prefixOf(scheme)
  if (secretEncoding === 'utf8') {
    // Other white space may belong to it, but no secret that was typed or shown has a line break at its end.
    if (/^[\r\n]|[\r\n]$/.test(secret)) throw malformed('A secret begins or ends with a line break: trim it')
    return encodeUtf8(withoutPrefix(secret, prefix))
  }
  const text = withoutPrefix(secret.trim(), prefix)
  const bytes = secretEncoding === 'hex' ? decodeHex(text) : decodeBase64(text)
  if (bytes === undefined || bytes.length === 0) {
    throw malformed(`A secret is not ${prefix === '' ? '' : `${prefix} and `}${secretEncoding}`)
  }
  if (algorithm === 'ed25519' && bytes.length !== 32) {
    throw malformed(`An ed25519 public key has 32 bytes, this one ${bytes.length}`)
  }
  return bytes
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

function malformed(message: string): WebhookVerificationError {
  return new WebhookVerificationError('malformed_secret', `${message}.`)
}
