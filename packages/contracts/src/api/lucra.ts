import { z } from 'zod'
import { pageOf } from './pages.ts'
import { DestinationUrl } from './destination-url.ts'
import { ApiCustomHeaders, ApiTime, MaskedHeaders, SecretLinkResource } from './subscriptions.ts'

/** Webhook configurations, with the field names of Lucra's page. */

const CustomHeadersOrText = z
  .union([z.record(z.string(), z.string()), z.string()])
  .transform((headers, context) => {
    if (typeof headers !== 'string') return headers
    if (headers === '') return {}
    try {
      return JSON.parse(headers) as Record<string, string>
    } catch {
      context.addIssue({ code: 'custom', message: 'is text that is not JSON', params: { code: 'invalid_header' } })
      return z.NEVER
    }
  })
  .pipe(ApiCustomHeaders)

const fields = {
  subscriptions: z.array(z.string()).min(1).max(500).describe('Event types of the catalogue.'),
  url: DestinationUrl.describe('An https URL.'),
  name: z.string().max(200).nullable(),
  description: z.string().max(1_000).nullable(),
  active: z.boolean(),
  customHeaders: CustomHeadersOrText.describe('Added to each request: an object of strings, or the JSON text of one.'),
  expiresAt: ApiTime.nullable().describe('From then on nothing is delivered, retries included.'),
}

const ignored = z.unknown().describe('As it was answered; ignored.')
/** What was answered may be sent back whole. */
const readOnly = { id: ignored, createdAt: ignored, updatedAt: ignored }

export const CreateLucraConfig = z.strictObject({
  ...fields,
  name: fields.name.default(null),
  description: fields.description.default(null),
  active: fields.active.default(true),
  customHeaders: fields.customHeaders.optional(),
  expiresAt: fields.expiresAt.default(null),
})

export const UpdateLucraConfig = z.strictObject({ ...fields, ...readOnly }).partial()

export const LucraConfig = z.object({
  ...fields,
  id: z.string(),
  customHeaders: MaskedHeaders,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const LucraConfigWithSecretLink = LucraConfig.extend({
  secretLink: SecretLinkResource.optional().describe('Where the shared secret is shown, once.'),
})

export const LucraConfigs: ReturnType<typeof pageOf<typeof LucraConfig>> = pageOf(LucraConfig)

export type LucraConfig = z.infer<typeof LucraConfig>
