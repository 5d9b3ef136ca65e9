import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { EncryptedSecret } from '@jethook/contracts'

/** Encrypts secrets with the first key and opens what any of the keys encrypted: rotation without downtime. */
export interface SecretBox {
  /** `owner` is bound to the secret: a ciphertext copied to another owner does not open. */
  encrypt(plain: string, owner: string): EncryptedSecret
  /** Throws when the key is missing or the secret was tampered with. */
  decrypt(secret: EncryptedSecret, owner: string): string
}

/** Whose secret it is, as `encrypt` and `decrypt` are told. Tenants have no slash. */
export const secretOwner = {
  subscription: (tenant: string, subscriptionId: string): string => `${tenant}/${subscriptionId}`,
  apiKey: (tenant: string, keyId: string): string => `${tenant}/key/${keyId}`,
  app: (tenant: string, appId: string): string => `${tenant}/app/${appId}`,
} as const

const nonceBytes = 12
const tagBytes = 16

/** `keys`: `<key id>:<base64 of 32 bytes>`, several separated by commas, the one to encrypt with first. */
export function createSecretBox(keys: string): SecretBox {
  const keysById = parseKeys(keys)
  const [currentId = '', currentKey = Buffer.alloc(0)] = keysById.entries().next().value ?? []
  return {
    encrypt(plain, owner) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', currentKey, nonce).setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return EncryptedSecret.parse(`${currentId}.${sealed.toString('base64url')}`)
    },
    decrypt(secret, owner) {
      const [id = '', text = ''] = secret.split('.')
      const key = keysById.get(id)
      if (!key) throw new Error(`ENCRYPTION_KEYS lacks the key ${id}, with which a secret of ${owner} is encrypted.`)
      const sealed = Buffer.from(text, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      }).setAAD(Buffer.from(owner))
      decipher.setAuthTag(sealed.subarray(-tagBytes))
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8')
    },
  }
}

/** Throws a sentence that says what is wrong with the setting. */
export function parseKeys(keys: string): Map<string, Buffer> {
  const parsed = new Map<string, Buffer>()
  for (const entry of keys.split(',')) {
    const [, id, base64] = /^([A-Za-z0-9_-]+):([A-Za-z0-9+/_=-]+)$/.exec(entry.trim()) ?? []
    const key = Buffer.from(base64 ?? '', 'base64')
    if (!id || key.length !== 32)
      throw new Error('must be <key id>:<base64 of 32 random bytes>, several separated by commas')
    // Of two, the later one would encrypt, and what the earlier one encrypted would not open.
    if (parsed.has(id)) throw new Error(`must give each key an id of its own; ${id} stands there twice`)
    parsed.set(id, key)
  }
  return parsed
}
