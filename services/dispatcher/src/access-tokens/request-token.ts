import type { Attempt } from '@jethook/contracts'
import type { EgressAgent } from '@jethook/egress'
import { isTimeout } from '../attempt/request-error.ts'
import { sendRequest, type Destination, type HttpResult } from '../attempt/send-request.ts'
import { readToken, type Token } from './read-token.ts'

/** What a token is asked for with (RFC 6749, 4.4). */
export interface OAuth2Client {
  /** Stays the same object as long as nothing about the authentication is changed: what tokens are remembered by. */
  readonly identity: object
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly clientAuthentication: 'basic' | 'form'
  readonly scope: string | null
  readonly audience: string | null
}

export type TokenError = NonNullable<Attempt['error']>

const timeoutMs = 10_000

/** Fetches a token, through the same guarded agent as deliveries. Never rejects; no error holds anything secret. */
export async function requestToken(
  agent: EgressAgent,
  oauth2: OAuth2Client,
): Promise<Token | { readonly error: TokenError }> {
  const url = new URL(oauth2.tokenUrl)
  const destination: Destination = { origin: url.origin, path: `${url.pathname}${url.search}` }
  const result = await sendRequest(agent, { ...renderRequest(oauth2), destination, timeoutMs })
  return readResult(result)
}

function renderRequest(oauth2: OAuth2Client): { headers: Record<string, string>; body: Buffer } {
  const { clientId, clientSecret, clientAuthentication, scope, audience } = oauth2
  const inForm = clientAuthentication === 'form'
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(inForm && { client_id: clientId, client_secret: clientSecret }),
    ...(scope !== null && { scope }),
    ...(audience !== null && { audience }),
  })
  return {
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Jethook/1',
      ...(!inForm && { authorization: basicOf(formEncode(clientId), formEncode(clientSecret)) }),
    },
    body: Buffer.from(form.toString()),
  }
}

/** RFC 6749, 2.3.1: both are form-encoded before they are put together. */
const formEncode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)

export const basicOf = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

function readResult({ response, error }: HttpResult): Token | { readonly error: TokenError } {
  if (error) {
    const message = `There is no token, because the token endpoint could not be asked (${error.code}): ${error.message}`
    return isTimeout(error) ? { error: { code: 'token_endpoint_timeout', message } } : failed(message)
  }
  if (!response) return failed('There is no token: the token endpoint did not answer.')
  const { status, body, bodyTruncated } = response
  if (status >= 400 && status < 500) {
    const reason = oauth2Error(body)
    const message = `The token endpoint refused to give a token: it answered ${status}${reason ? ` (${reason})` : ''}.`
    return { error: { code: 'token_endpoint_refused', message } }
  }
  if (status !== 200) return failed(`There is no token: the token endpoint answered ${status}.`)
  const token = bodyTruncated ? undefined : readToken(body)
  return token ?? failed('There is no token: what the token endpoint answered is not a token response (RFC 6749, 5.1).')
}

const failed = (message: string): { error: TokenError } => ({ error: { code: 'token_endpoint_failed', message } })

/** RFC 6749, 5.2. Nothing else of the answer is passed on: it could hold what it was asked with. */
const oauth2Errors = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
])

function oauth2Error(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    return typeof error === 'string' && oauth2Errors.has(error) ? error : undefined
  } catch {
    return undefined
  }
}
