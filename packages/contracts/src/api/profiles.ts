import { z } from 'zod'
import { EventType } from '../identifiers.ts'
import { Profile, ProfileName } from '../profile.ts'

export const ProfileResource = z.object({
  name: z.string(),
  origin: z
    .enum(['own', 'shared', 'shipped'])
    .describe('own: this tenant’s. shared: the operator’s, for every tenant. shipped: comes with Jethook.'),
  document: Profile,
  createdAt: z.iso.datetime().nullable(),
  updatedAt: z.iso.datetime().nullable(),
})

export const DryRun = z.strictObject({
  profile: z.union([ProfileName, Profile]).describe('A name, or a document that need not be stored.'),
  eventType: EventType.optional().describe('The first of the catalogue, unless given.'),
  payload: z.unknown().optional().describe('Any JSON; {"hello":"world"} unless given.'),
  secretKind: z.enum(['hmac', 'ed25519']).optional(),
})

export const DryRunResult = z.object({
  method: z.literal('POST'),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  secret: z.string().describe('Made for this sample; the signatures are of it.'),
  publicKey: z.string().nullable().describe('What a receiver verifies an ed25519 signature with.'),
})

export type ProfileResource = z.infer<typeof ProfileResource>
export type DryRun = z.infer<typeof DryRun>
export type DryRunResult = z.infer<typeof DryRunResult>
