import type { SecretBox, Subscription } from '@jethook/configuration'
import type {
  Authentication,
  AuthenticationInput,
  ClientCertificateInput,
  SubscriptionSettings,
} from '@jethook/contracts'
import { sealHeaders } from './custom-headers.ts'
import { readClientCertificate } from './read-client-certificate.ts'

/** Plain text. */
export interface Credentials {
  readonly authentication?: AuthenticationInput | null | undefined
  readonly clientCertificate?: ClientCertificateInput | null | undefined
  readonly customHeaders?: Readonly<Record<string, string>> | undefined
}

/** Settings as they come from outside: credentials in them are plain text. */
export type PlainSettings<S> = Omit<S, keyof SealedCredentials> & Credentials

type SealedCredentials = Partial<
  Pick<SubscriptionSettings, 'authentication' | 'clientCertificate' | 'customHeaders' | 'sealedHeaders'>
>

export interface SealOptions {
  readonly secretBox: SecretBox
  /** Whom the secrets are bound to. The dispatcher names the same owner. */
  readonly owner: string
  /** The subscription as it is, if it is there already. */
  readonly present?: Subscription | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * Settings as they are stored: secrets are encrypted before anything else sees them, so that no event, log line or
 * error can hold one. Throws `invalid_client_certificate`, `invalid_header`.
 */
export function sealCredentials<S extends Credentials>(
  { authentication, clientCertificate, customHeaders, ...settings }: S,
  { secretBox, owner, present, at }: SealOptions,
): Omit<S, keyof Credentials> & SealedCredentials {
  const seal = (plain: string) => secretBox.encrypt(plain, owner)
  return {
    ...settings,
    ...(customHeaders && sealHeaders(customHeaders, present, seal)),
    ...(authentication !== undefined && { authentication: authentication && sealAuthentication(authentication, seal) }),
    ...(clientCertificate !== undefined && {
      clientCertificate: clientCertificate && {
        ...readClientCertificate(clientCertificate, at),
        key: seal(clientCertificate.key),
      },
    }),
  }
}

type Seal = (plain: string) => ReturnType<SecretBox['encrypt']>

function sealAuthentication(authentication: AuthenticationInput, seal: Seal): Authentication {
  switch (authentication.type) {
    case 'basic':
      return { ...authentication, password: seal(authentication.password) }
    case 'bearer':
      return { ...authentication, token: seal(authentication.token) }
    case 'oauth2':
      return { ...authentication, clientSecret: seal(authentication.clientSecret) }
  }
}
