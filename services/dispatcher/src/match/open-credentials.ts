import { secretOwner, type SecretBox, type Subscription } from '@jethook/configuration'
import type { TlsOptions } from '@jethook/egress'
import { basicOf, type OAuth2Client } from '../access-tokens/request-token.ts'

/** What a subscription's requests show of themselves besides the signature. */
export interface Credentials {
  readonly certificate?: TlsOptions
  /** The Authorization header, where it is always the same. */
  readonly authorization?: string
  readonly oauth2?: OAuth2Client
  /** Headers that its owner chose, names in lower case. */
  readonly customHeaders?: Readonly<Record<string, string>>
}

const none: Credentials = {}

/** Throws when an encryption key is missing. */
export function openCredentials(subscription: Subscription, secretBox: SecretBox): Credentials {
  const { tenant, id, clientCertificate, authentication, customHeaders, sealedHeaders } = subscription
  if (!clientCertificate && !authentication && !customHeaders && !sealedHeaders) return none
  const owner = secretOwner.subscription(tenant, id)
  const opened = Object.entries(sealedHeaders ?? {}).map(([name, value]) => [name, secretBox.decrypt(value, owner)])
  const headers = [...Object.entries(customHeaders ?? {}), ...opened].map(([name = '', value]) => [
    name.toLowerCase(),
    value,
  ])
  return {
    ...(headers.length > 0 && { customHeaders: Object.fromEntries(headers) as Record<string, string> }),
    ...(clientCertificate && {
      certificate: { cert: clientCertificate.certificate, key: secretBox.decrypt(clientCertificate.key, owner) },
    }),
    ...(authentication && openAuthentication(authentication, (secret) => secretBox.decrypt(secret, owner))),
  }
}

function openAuthentication(
  authentication: NonNullable<Subscription['authentication']>,
  open: (secret: Parameters<SecretBox['decrypt']>[0]) => string,
): Pick<Credentials, 'authorization' | 'oauth2'> {
  switch (authentication.type) {
    case 'basic':
      return { authorization: basicOf(authentication.username, open(authentication.password)) }
    case 'bearer':
      return { authorization: `Bearer ${open(authentication.token)}` }
    case 'oauth2':
      return {
        oauth2: { ...authentication, identity: authentication, clientSecret: open(authentication.clientSecret) },
      }
  }
}
