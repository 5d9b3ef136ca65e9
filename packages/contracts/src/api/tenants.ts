import { z } from 'zod'
import { TenantId } from '../identifiers.ts'
import { Role } from '../roles.ts'

const ContactEmail = z.email().max(320).nullable().describe('Who is written to when a webhook fails or is disabled.')

export const CreateTenant = z.strictObject({
  id: TenantId.describe('A slug: part of subjects, for example intake.<id>.deposit.settled.'),
  name: z.string().min(1).max(200),
  profile: z.string().default('standard').describe('How this tenant’s webhooks look on the wire.'),
  contactEmail: ContactEmail.default(null),
})

export const UpdateTenant = z
  .strictObject({
    name: z.string().min(1).max(200),
    profile: z.string().describe('Subscriptions stay as they are; what they are sent from now on looks different.'),
    contactEmail: ContactEmail,
  })
  .partial()

export const TenantResource = z.object({
  id: z.string(),
  name: z.string(),
  profile: z.string(),
  contactEmail: z.string().nullable(),
  createdAt: z.iso.datetime(),
})

export const CreateApiKey = z.strictObject({
  name: z.string().min(1).max(200),
  role: Role,
  primary: z
    .boolean()
    .optional()
    .describe(
      'Whether this is the account’s primary key from now on, with which some profiles sign. Left out: if there is none yet and the profile needs one.',
    ),
  key: z
    .string()
    .min(16)
    .max(256)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional()
    .describe('Operator only: a key that is in use already, to move here with it. Left out: a new one is made.'),
})

export const ApiKeyResource = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  hint: z.string().describe('The first characters of the key.'),
  primary: z.boolean().describe('Whether it is the account’s primary key, with which some profiles sign.'),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
})

export const CreatedApiKey = ApiKeyResource.extend({ key: z.string().describe('Shown only this once.') })

export type CreateTenant = z.infer<typeof CreateTenant>
export type UpdateTenant = z.infer<typeof UpdateTenant>
export type TenantResource = z.infer<typeof TenantResource>
export type CreateApiKey = z.infer<typeof CreateApiKey>
export type ApiKeyResource = z.infer<typeof ApiKeyResource>
