import { randomBytes } from 'node:crypto'
import { hashApiKey, secretOwner, type SecretBox } from '@jethook/configuration'
import { createId, type EncryptedSecret } from '@jethook/contracts'

export interface DrawnApiKey {
  /** For the one answer that shows it. */
  readonly key: string
  readonly keyId: string
  readonly hash: string
  readonly hint: string
  readonly sealed: EncryptedSecret
}

export interface KeyRequest {
  readonly tenant: string
  /** Of the profile. */
  readonly prefix: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** One that is in use already, to be moved here. */
  readonly broughtAlong?: string | undefined
}

const keyBytes = 32
/** How much of a key's random part is kept to recognise it by. */
const hintLength = 6
/** Of a key that was not made here, where nobody knows how much of it is random. */
const broughtAlongHintLength = 4

export function drawApiKey(secretBox: SecretBox, { tenant, prefix, at, broughtAlong }: KeyRequest): DrawnApiKey {
  const key = broughtAlong ?? prefix + randomBytes(keyBytes).toString('base64url')
  const keyId = createId('key', at)
  return {
    key,
    keyId,
    hash: hashApiKey(key),
    hint: key.slice(0, broughtAlong === undefined ? prefix.length + hintLength : broughtAlongHintLength),
    sealed: secretBox.encrypt(key, secretOwner.apiKey(tenant, keyId)),
  }
}
