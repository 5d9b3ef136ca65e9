import type { NewSecret } from '../manage/manage-subscriptions.ts'
import { isoTime } from './show-resources.ts'

/** What an answer says of a new secret: the secret itself, a link to it, or nothing. */
export type ShowNewSecret = (
  request: IncomingAddress,
  newSecret: NewSecret,
) => { secret?: string; secretLink?: { url: string; expiresAt: string } }

/** How the API was called; Fastify's requests fit. */
interface IncomingAddress {
  readonly protocol: string
  readonly host: string
}

/** `publicUrl`: where the API is reached from outside; without it links begin as the API was called. */
export function createShowNewSecret(publicUrl: string | undefined): ShowNewSecret {
  return ({ protocol, host }, newSecret) => {
    switch (newSecret.shown) {
      case 'answer':
        return { secret: newSecret.secret }
      case 'link': {
        const url = `${publicUrl ?? `${protocol}://${host}`}/secret-links/${newSecret.token}`
        return { secretLink: { url, expiresAt: isoTime(newSecret.expiresAt) } }
      }
      case 'none':
        return {}
    }
  }
}
