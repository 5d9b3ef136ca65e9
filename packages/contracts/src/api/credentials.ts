import { z } from 'zod'
import { DestinationUrl } from './destination-url.ts'

const secret = (what: string, text = z.string().min(1).max(4_096)) => text.describe(`${what} Never shown again.`)

/** What may stand in a header without being encoded. */
const visible = z
  .string()
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')

const clientAuthentication = z
  .enum(['basic', 'form'])
  .describe('How the token endpoint gets id and secret: by HTTP Basic, or as fields of the form.')
const scope = z.string().min(1).max(1_000).nullable()

/** How requests authenticate themselves; secrets can be written, not read. */
export const AuthenticationInput = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('basic'),
    username: z
      .string()
      .max(255)
      .regex(/^[^:\p{Cc}]*$/u, 'must not hold a colon or control characters (RFC 7617)'),
    password: secret(
      'The password.',
      z
        .string()
        .max(4_096)
        .regex(/^\P{Cc}*$/u, 'must not hold control characters'),
    ),
  }),
  z.strictObject({ type: z.literal('bearer'), token: secret('The token.', visible) }),
  z.strictObject({
    type: z.literal('oauth2'),
    tokenUrl: DestinationUrl.describe('The token endpoint, where client credentials are exchanged for a bearer token.'),
    clientId: visible.max(255),
    clientSecret: secret('The client’s secret.'),
    clientAuthentication: clientAuthentication.default('basic'),
    scope: scope.default(null),
    audience: z
      .string()
      .min(1)
      .max(1_000)
      .nullable()
      .default(null)
      .describe('Sent along where token endpoints ask for it.'),
  }),
])

/** How requests authenticate themselves, as far as it is shown. */
export const AuthenticationResource = z.discriminatedUnion('type', [
  z.object({ type: z.literal('basic'), username: z.string() }),
  z.object({ type: z.literal('bearer') }),
  z.object({
    type: z.literal('oauth2'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientAuthentication,
    scope,
    audience: z.string().nullable(),
  }),
])

export const ClientCertificateInput = z.strictObject({
  certificate: z.string().max(65_536).describe('In PEM: the client’s certificate, intermediate ones after it.'),
  key: secret('Its private key in PEM, not encrypted; with RSA of at most 4,096 bits.', z.string().max(16_384)),
})

export const ClientCertificateResource = z.object({
  subject: z.string(),
  fingerprint: z.string().describe('SHA-256.'),
  expiresAt: z.iso.datetime(),
})

export type AuthenticationInput = z.infer<typeof AuthenticationInput>
export type AuthenticationResource = z.infer<typeof AuthenticationResource>
export type ClientCertificateInput = z.infer<typeof ClientCertificateInput>
export type ClientCertificateResource = z.infer<typeof ClientCertificateResource>
