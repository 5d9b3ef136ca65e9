import { z } from 'zod'
import { EncryptedSecret } from './encrypted-secret.ts'

/** How requests to a subscription's URL say who they are from, besides the signature. Secrets are encrypted like the signing secret. */
export const Authentication = z.discriminatedUnion('type', [
  /** RFC 7617. */
  z.object({ type: z.literal('basic'), username: z.string(), password: EncryptedSecret }),
  /** RFC 6750. */
  z.object({ type: z.literal('bearer'), token: EncryptedSecret }),
  /** RFC 6749, 4.4: a bearer token that is fetched from a token endpoint. */
  z.object({
    type: z.literal('oauth2'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientSecret: EncryptedSecret,
    /** How the token endpoint is told id and secret: by HTTP Basic, or in the form. */
    clientAuthentication: z.enum(['basic', 'form']),
    scope: z.string().nullable(),
    audience: z.string().nullable(),
  }),
])

/** What requests show a receiver that asks for a client certificate in TLS. */
export const ClientCertificate = z.object({
  /** In PEM: the client's own first, intermediate ones after it. */
  certificate: z.string(),
  key: EncryptedSecret,
  /** Of the client's own certificate, to recognise it by: its subject, one attribute per line. */
  subject: z.string(),
  /** SHA-256, as openssl writes it. */
  fingerprint: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.int(),
})

export type Authentication = z.infer<typeof Authentication>
export type ClientCertificate = z.infer<typeof ClientCertificate>
