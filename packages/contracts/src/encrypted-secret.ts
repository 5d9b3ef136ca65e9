import { z } from 'zod'

/** AES-256-GCM: `<key id>.<base64url of nonce, ciphertext and tag>`. Only subscriptions and dispatcher can open it. */
export const EncryptedSecret = z.string().brand<'EncryptedSecret'>()
export type EncryptedSecret = z.infer<typeof EncryptedSecret>
