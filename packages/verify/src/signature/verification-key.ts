import { WebhookVerificationError } from '../error.ts'
import type { SignatureAlgorithm } from '../profile/profile.ts'

export interface VerificationKey {
  /** In constant time: WebCrypto compares. Throws `unsupported_algorithm` where the runtime lacks it. */
  matches(signature: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>): Promise<boolean>
}

const webCryptoAlgorithms = {
  'hmac-sha256': { name: 'HMAC', hash: 'SHA-256' },
  'hmac-sha512': { name: 'HMAC', hash: 'SHA-512' },
  ed25519: { name: 'Ed25519' },
} as const

/** The key is made at its first use: edge runtimes allow no WebCrypto while a module is loaded. */
export function importKey(algorithm: SignatureAlgorithm, bytes: Uint8Array<ArrayBuffer>): VerificationKey {
  const parameters = webCryptoAlgorithms[algorithm]
  let key: ReturnType<typeof crypto.subtle.importKey> | undefined
  return {
    async matches(signature, content) {
      key ??= crypto.subtle.importKey('raw', bytes, parameters, false, ['verify'])
      const imported = await key.catch((cause: unknown) => {
        throw new WebhookVerificationError(
          'unsupported_algorithm',
          `This runtime does not take the ${algorithm} key.`,
          {
            cause,
          },
        )
      })
      return crypto.subtle.verify(parameters.name, imported, signature, content)
    },
  }
}
