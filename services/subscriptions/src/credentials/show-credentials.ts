import type {
  Authentication,
  AuthenticationResource,
  ClientCertificate,
  ClientCertificateResource,
  SubscriptionSettings,
} from '@jethook/contracts'
import { showHeaders, type StoredHeaders } from './custom-headers.ts'

/** Settings with of their credentials only what may be shown. */
export function withoutSecrets<S extends StoredCredentials>({
  authentication,
  clientCertificate,
  customHeaders,
  sealedHeaders,
  ...settings
}: S) {
  return {
    ...settings,
    ...((customHeaders ?? sealedHeaders) && { customHeaders: showHeaders({ customHeaders, sealedHeaders }) }),
    ...(authentication !== undefined && { authentication: authentication && showAuthentication(authentication) }),
    ...(clientCertificate !== undefined && {
      clientCertificate: clientCertificate && showClientCertificate(clientCertificate),
    }),
  }
}

type StoredCredentials = StoredHeaders & Partial<Pick<SubscriptionSettings, 'authentication' | 'clientCertificate'>>

/** Field by field, so that nothing secret gets out. */
export function showAuthentication(authentication: Authentication): AuthenticationResource {
  switch (authentication.type) {
    case 'basic':
      return { type: 'basic', username: authentication.username }
    case 'bearer':
      return { type: 'bearer' }
    case 'oauth2': {
      const { type, tokenUrl, clientId, clientAuthentication, scope, audience } = authentication
      return { type, tokenUrl, clientId, clientAuthentication, scope, audience }
    }
  }
}

export function showClientCertificate({
  subject,
  fingerprint,
  expiresAt,
}: ClientCertificate): ClientCertificateResource {
  return { subject, fingerprint, expiresAt: new Date(expiresAt).toISOString() }
}
