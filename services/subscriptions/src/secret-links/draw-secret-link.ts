import { createHash, randomBytes } from 'node:crypto'
import type { SecretLink } from '@jethook/contracts'

export interface DrawnSecretLink {
  /** What the link ends with; known to nobody but who gets it. */
  readonly token: string
  readonly link: SecretLink
}

const tokenBytes = 32

export function drawSecretLink(expiresAt: number): DrawnSecretLink {
  const token = randomBytes(tokenBytes).toString('base64url')
  return { token, link: { tokenHash: hashToken(token), expiresAt } }
}

/** A token has 256 random bits, so a slow hash would protect nothing. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')
