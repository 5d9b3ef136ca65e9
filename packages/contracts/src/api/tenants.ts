import { z } from 'zod'
import { TenantId } from '../identifiers.ts'
import { Role } from '../roles.ts'

export const CreateTenant = z.strictObject({
  id: TenantId.describe('A slug: part of subjects, for example intake.<id>.deposit.settled.'),
  name: z.string().min(1).max(200),
  profile: z.string().default('lumirecrm').describe('How this tenant’s webhooks look on the wire.'),
})

export const TenantResource = z.object({
  id: z.string(),
  name: z.string(),
  profile: z.string(),
  createdAt: z.iso.datetime(),
})

export const CreateApiKey = z.strictObject({ name: z.string().min(1).max(200), role: Role })

export const ApiKeyResource = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  hint: z.string().describe('The first characters of the key.'),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
})

export const CreatedApiKey = ApiKeyResource.extend({ key: z.string().describe('Shown only this once.') })

export type CreateTenant = z.infer<typeof CreateTenant>
export type TenantResource = z.infer<typeof TenantResource>
export type CreateApiKey = z.infer<typeof CreateApiKey>
export type ApiKeyResource = z.infer<typeof ApiKeyResource>
