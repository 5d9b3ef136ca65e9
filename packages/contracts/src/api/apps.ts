import { z } from 'zod'
import { DestinationUrl } from './destination-url.ts'

/** Apps that users may let have their events, and the one webhook that an account or an app has. */

const Scope = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces')
  .describe('As the catalogue names what an event type asks for.')

export const CreateApp = z.strictObject({
  name: z.string().min(1).max(200),
  scopes: z.array(Scope).min(1).max(100).describe('What users may grant it.'),
})

export const AppResource = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const AppWithSecret = AppResource.extend({
  signingSecret: z.string().describe('With which webhooks of the app are signed. Shown only in this answer.'),
})

export const SetGrant = z.strictObject({ scopes: z.array(Scope).min(1).max(100) })

export const GrantResource = z.object({ userId: z.string(), scopes: z.array(z.string()) })

export const SetWebhook = z.strictObject({ url: DestinationUrl })

export const WebhookResource = z.object({
  id: z.string(),
  url: z.string(),
  active: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export type AppResource = z.infer<typeof AppResource>
export type WebhookResource = z.infer<typeof WebhookResource>
