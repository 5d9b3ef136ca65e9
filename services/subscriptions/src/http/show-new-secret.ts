import type { LinkToSecret, NewSecret } from '../manage/manage-subscriptions.ts'
import { isoTime } from './show-resources.ts'

/** How the API was called; Fastify's requests fit. */
interface IncomingAddress {
  readonly protocol: string
  readonly host: string
}

interface SecretLinkAddress {
  readonly url: string
  readonly expiresAt: string
}

/** What answers say of new secrets. */
export interface ShowNewSecret {
  /** The secret itself, a link to it, or nothing. */
  (request: IncomingAddress, newSecret: NewSecret): { secret?: string; secretLink?: SecretLinkAddress }
  link(request: IncomingAddress, link: LinkToSecret): SecretLinkAddress
}

/** `publicUrl`: where the API is reached from outside; without it links begin as the API was called. */
export function createShowNewSecret(publicUrl: string | undefined): ShowNewSecret {
  const link: ShowNewSecret['link'] = ({ protocol, host }, { token, expiresAt }) => ({
    url: `${publicUrl ?? `${protocol}://${host}`}/secret-links/${token}`,
    expiresAt: isoTime(expiresAt),
  })
  const show = (request: IncomingAddress, newSecret: NewSecret) => {
    switch (newSecret.shown) {
      case 'answer':
        return { secret: newSecret.secret }
      case 'link':
        return { secretLink: link(request, newSecret) }
      case 'none':
        return {}
    }
  }
  return Object.assign(show, { link })
}
