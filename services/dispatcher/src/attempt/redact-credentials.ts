import { maskedHeader, type Attempt } from '@jethook/contracts'
import { hideSecrets, patternOf } from './hide-secrets.ts'

const redacted = '[redacted]'

type CustomHeaders = Readonly<Record<string, string>>

/**
 * Request headers as they are recorded: without what the subscription's owner put in them, and of an Authorization
 * header only the scheme, whoever chose it.
 */
export function redactRequest(
  sent: Record<string, string>,
  customHeaders: CustomHeaders | undefined,
): Record<string, string> {
  const headers = customHeaders ? maskCustom(sent, customHeaders) : sent
  const { authorization } = sent
  if (authorization === undefined) return headers
  const scheme = /^[A-Za-z0-9-]+(?= )/.exec(authorization)?.[0]
  return { ...headers, authorization: scheme === undefined ? redacted : `${scheme} ${redacted}` }
}

/** Where the profile has a header of the same name, that one was sent, and is no secret. */
function maskCustom(sent: Record<string, string>, customHeaders: CustomHeaders): Record<string, string> {
  const masked = { ...sent }
  for (const [name, value] of Object.entries(customHeaders)) if (sent[name] === value) masked[name] = maskedHeader
  return masked
}

/** Shorter ones are no secrets, and are part of other words. */
const shortestSecret = 8

/**
 * A response as it is recorded: receivers that echo the request must not bring credentials into the log, nor what the
 * subscription's owner put in headers.
 */
export function redactResponse(
  response: Attempt['response'],
  authorization: string | undefined,
  customHeaders: CustomHeaders | undefined,
): Attempt['response'] {
  if (!response || (authorization === undefined && !customHeaders)) return response
  const chosen = Object.values(customHeaders ?? {}).flatMap((value) => [value, credentialsIn(value)])
  const secrets = new Set([
    ...(authorization === undefined ? [] : [credentialsIn(authorization), ...passwordIn(authorization)]),
    ...chosen.filter(({ length }) => length >= shortestSecret),
  ])
  secrets.delete('')
  const patterns = [...secrets].map(patternOf)
  const without = (text: string): string => hideSecrets(text, patterns, redacted)
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, without(value)]))
  // The end of a body may be the beginning of a secret, whose rest was not kept.
  const body = hideSecrets(response.body, patterns, redacted, response.bodyTruncated ? shortestSecret : undefined)
  return { ...response, headers, body }
}

/** Of Basic: what stands behind the first colon, as receivers see it. */
function passwordIn(authorization: string): string[] {
  if (!authorization.startsWith('Basic ')) return []
  const decoded = Buffer.from(credentialsIn(authorization), 'base64').toString()
  const password = decoded.slice(decoded.indexOf(':') + 1)
  return password.length >= shortestSecret ? [password] : []
}

/** Without the scheme. */
const credentialsIn = (value: string): string => value.slice(value.indexOf(' ') + 1)
