import { z } from 'zod'

/** Fields that HTTP itself or the HTTP client is in charge of, and those with which we trace. */
const reserved = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The name of a header that a profile or a customer may choose. */
export const HeaderName: z.ZodType<string, string> = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be an HTTP field name (RFC 9110, 5.1)')
  .refine((name) => !reserved.has(name.toLowerCase()), 'is a header that cannot be chosen: HTTP or Jethook sets it')

/** No control characters, above all no line breaks, and nothing that encodes differently from client to client. */
export const HeaderValue: z.ZodType<string, string> = z
  .string()
  .max(4_096)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII without line breaks')
  .refine((value) => value === value.trim(), 'must not begin or end with a space')

/** Headers that a subscription's owner adds to each request. They never replace ours. */
export const CustomHeaders: z.ZodType<Record<string, string>, Record<string, string>> = z
  .record(HeaderName, HeaderValue)
  .refine((headers) => Object.keys(headers).length <= 20, 'must be at most 20 headers')
  .refine(hasDistinctNames, 'must not name a header twice: upper and lower case do not matter')

/** In place of the value of a custom header, wherever one is shown. No header can have this value. */
export const maskedHeader = '•••'

export function hasDistinctNames(headers: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(headers)
  return new Set(names.map((name) => name.toLowerCase())).size === names.length
}
