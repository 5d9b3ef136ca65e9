import { z } from 'zod'

/**
 * An absolute http or https URL without credentials, kept as it is entered but for blanks around it, which `URL` would pass over.
 * What else may be a destination is for `decide` to say.
 */
export const DestinationUrl: z.ZodType<string, string> = z
  .string()
  .trim()
  .max(2_048)
  .superRefine((value, context) => {
    const message = problemWithUrl(value)
    if (message) context.addIssue({ code: 'custom', message, params: { code: 'invalid_url' } })
  })
  .describe('Where the events are POSTed: an absolute http or https URL.')
  .meta({ format: 'uri' })

function problemWithUrl(value: string): string | undefined {
  // `URL` passes over these, too: what is shown would not be what is connected to.
  if (/[\t\r\n]/.test(value)) return 'must not hold tabs or line breaks'
  const url = URL.parse(value)
  if (!url) return 'must be an absolute URL like https://example.com/webhooks'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `must be http or https, not ${url.protocol}`
  if (url.username || url.password) return 'must not hold a user name or password'
  if (url.hash) return 'must not have a fragment (#…), which is never sent'
  return undefined
}
