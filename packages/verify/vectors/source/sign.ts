import { createHmac, createPrivateKey, sign, type KeyObject } from 'node:crypto'

type Key = string | Buffer

export function hmacHex(key: Key, content: string | Buffer): string {
  return createHmac('sha256', key).update(content).digest('hex')
}

/** `v1,…` of Standard Webhooks. `secret` with its `whsec_`. */
export function v1(secret: string, id: string, timestamp: number | string, body: string | Buffer): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body)
  return `v1,${hmac.digest('base64')}`
}

/** `v1a,…` of Standard Webhooks. */
export function v1a(seed: Buffer, id: string, timestamp: number, body: string): string {
  return `v1a,${sign(null, Buffer.from(`${id}.${timestamp}.${body}`), privateKey(seed)).toString('base64')}`
}

export function privateKey(seed: Buffer): KeyObject {
  // PKCS #8 around the 32 bytes of an ed25519 seed (RFC 8410).
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
