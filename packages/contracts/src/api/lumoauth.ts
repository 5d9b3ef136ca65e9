import { z } from 'zod'
import { DestinationUrl } from './destination-url.ts'

/** Webhooks, with the field names of LumoAuth's page. */

const fields = {
  url: DestinationUrl.describe('An https URL.'),
  events: z.array(z.string()).min(1).max(500).describe('Event types, "*" for all, or patterns like "user.*".'),
  description: z.string().max(1_000).nullable(),
  active: z.boolean(),
}

export const CreateLumoAuthWebhook = z.strictObject({
  ...fields,
  description: fields.description.default(null),
  active: fields.active.default(true),
  secret: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('Your shared secret, of at least 16 characters. Left out: one is made for you.'),
})

const ignored = z.unknown().describe('As it was answered; ignored.')
/** What was answered may be sent back whole. */
const readOnly = { id: ignored, createdAt: ignored, updatedAt: ignored }

export const UpdateLumoAuthWebhook = z.strictObject({ ...fields, ...readOnly }).partial()

export const LumoAuthWebhook = z.object({
  id: z.string(),
  ...fields,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const LumoAuthWebhookWithSecret = LumoAuthWebhook.extend({
  secret: z.string().optional().describe('The shared secret. Shown only in this answer.'),
})

export type LumoAuthWebhook = z.infer<typeof LumoAuthWebhook>
