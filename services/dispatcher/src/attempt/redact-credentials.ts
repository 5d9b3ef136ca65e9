import type { Attempt } from '@jethook/contracts'

const redacted = '[redacted]'

/** Request headers as they are recorded: of an Authorization header only the scheme, whoever chose it. */
export function redactRequest(headers: Record<string, string>): Record<string, string> {
  const { authorization } = headers
  if (authorization === undefined) return headers
  const scheme = /^[A-Za-z0-9-]+(?= )/.exec(authorization)?.[0]
  return { ...headers, authorization: scheme === undefined ? redacted : `${scheme} ${redacted}` }
}

/** A response as it is recorded: receivers that echo the request must not bring the credentials into the log. */
export function redactResponse(response: Attempt['response'], authorization: string): Attempt['response'] {
  const credentials = authorization.slice(authorization.indexOf(' ') + 1)
  if (!response || credentials === '') return response
  const hide = (text: string): string => text.replaceAll(credentials, redacted)
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, hide(value)]))
  return { ...response, headers, body: hide(response.body) }
}
