import { z } from 'zod'

/** Every error our APIs answer, by its stable code, with the HTTP status and the title it goes with. */
export const problems = {
  invalid_json: [400, 'The body is not JSON'],
  invalid_request: [422, 'The request does not have the expected shape'],
  invalid_url: [422, 'The URL cannot receive webhooks'],
  destination_refused: [422, 'Requests must not go to this destination'],
  invalid_client_certificate: [422, 'The client certificate cannot be used'],
  invalid_expiry: [422, 'The expiry cannot be used'],
  invalid_header: [422, 'The header cannot be added to requests'],
  invalid_secret: [422, 'The secret cannot be used'],
  invalid_cursor: [422, 'The cursor was not made by this API'],
  invalid_event_type: [422, 'The event type is not well formed'],
  invalid_event_id: [422, 'The event id is not well formed'],
  unknown_event_type: [422, 'The event type is not in the catalogue'],
  unknown_profile: [422, 'There is no profile of this name'],
  unknown_tenant: [404, 'There is no such tenant'],
  payload_invalid: [422, 'The payload does not match the schema of its event type'],
  payload_too_large: [413, 'The payload is larger than allowed'],
  unsupported_media_type: [415, 'The body must be JSON'],
  invalid_api_key: [401, 'The API key is missing or unknown'],
  forbidden: [403, 'The API key may not do this'],
  other_api: [403, 'This API is not the one of the tenant'],
  not_found: [404, 'There is nothing at this address'],
  subscription_not_found: [404, 'There is no such subscription'],
  delivery_not_found: [404, 'There is no such delivery'],
  event_not_found: [404, 'There is no such event'],
  api_key_not_found: [404, 'There is no such API key'],
  profile_not_found: [404, 'There is no such profile'],
  app_not_found: [404, 'There is no such app'],
  secret_link_not_found: [404, 'There is no such link'],
  tenant_exists: [409, 'The tenant exists already'],
  profile_exists: [409, 'There is a profile of this name already'],
  api_key_exists: [409, 'This API key is in use already'],
  subscription_limit_reached: [409, 'There are as many subscriptions as there may be'],
  event_type_taken: [409, 'Only one subscription may have this event type'],
  subscription_expired: [409, 'The time of the subscription is over'],
  conflict: [409, 'Others changed the same thing at the same time'],
  event_expired: [410, 'The event is no longer kept'],
  secret_link_used: [410, 'The link was used'],
  secret_link_expired: [410, 'The link has expired'],
  stream_full: [503, 'The event stream is full'],
  broker_unavailable: [503, 'The message broker does not answer, or does not store'],
  database_unavailable: [503, 'The database cannot be reached'],
  internal: [500, 'Something went wrong on our side'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof problems

/** A problem document, RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457), with our `code` and, for bad input, `errors`. */
export const Problem = z.object({
  type: z.string().describe('urn:jethook:problem:<code>'),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]).describe('Stable: match on this.'),
  detail: z.string().describe('What was wrong here, and what to do.'),
  errors: z
    .array(z.object({ field: z.string().describe('Where, as a path: events[0].payload'), message: z.string() }))
    .optional(),
})
export type Problem = z.infer<typeof Problem>

export type FieldError = NonNullable<Problem['errors']>[number]

/** Thrown anywhere below an HTTP handler; the error handler answers it as a problem document. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly errors: readonly FieldError[] | undefined

  constructor(code: ProblemCode, detail: string, options: { errors?: readonly FieldError[]; cause?: unknown } = {}) {
    super(detail, { cause: options.cause })
    this.name = 'ProblemError'
    this.code = code
    this.errors = options.errors
  }
}

export function problemOf(error: ProblemError): Problem {
  const [status, title] = problems[error.code]
  return {
    type: `urn:jethook:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.errors && { errors: [...error.errors] }),
  }
}
