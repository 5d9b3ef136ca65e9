import type { EgressAgent, EgressAgents, TlsOptions } from '@jethook/egress'
import type { AccessTokens } from '../access-tokens/access-tokens.ts'
import type { OAuth2Client } from '../access-tokens/request-token.ts'
import type { Credentials } from '../match/open-credentials.ts'
import { tlsReason } from './request-error.ts'
import { sendRequest, type Destination, type HttpRequest, type HttpResult } from './send-request.ts'

export interface Endpoint {
  readonly destination: Destination
  readonly timeoutMs: number
  readonly credentials: Credentials
}

/** POSTs to a subscription's URL, with the certificate and authentication it has. Adds to the headers. Never rejects. */
export type PostToEndpoint = (
  endpoint: Endpoint,
  request: Pick<HttpRequest, 'headers' | 'body'>,
) => HttpResult | Promise<HttpResult>

export function createPostToEndpoint(agents: EgressAgents, tokens: AccessTokens): PostToEndpoint {
  return ({ destination, timeoutMs, credentials: { certificate, authorization, oauth2 } }, { headers, body }) => {
    const agent = certificate ? agentWith(certificate, agents) : agents.standard
    if ('error' in agent) return { response: null, error: agent.error }
    if (oauth2) {
      const agentNow = () => (certificate ? agents.agentFor(certificate) : agents.standard)
      return postWithToken(agentNow, { destination, headers, body, timeoutMs }, oauth2, tokens)
    }
    if (authorization === undefined) return sendRequest(agent, { destination, headers, body, timeoutMs })
    return postAs(authorization, agent, { destination, headers, body, timeoutMs })
  }
}

/** A certificate that the API took may be too weak for the OpenSSL that is used here. */
function agentWith(
  certificate: TlsOptions,
  agents: EgressAgents,
): EgressAgent | { readonly error: NonNullable<HttpResult['error']> } {
  try {
    return agents.agentFor(certificate)
  } catch (error) {
    const message = `The client certificate cannot be used: ${tlsReason(error as Error)}.`
    return { error: { code: 'client_certificate_unusable', message } }
  }
}

function postAs(authorization: string, agent: EgressAgent, request: HttpRequest): Promise<HttpResult> {
  request.headers['authorization'] = authorization
  return sendRequest(agent, request)
}

/**
 * A token that the receiver refuses is replaced once, unless it was fetched just now: then another one will not help. The
 * agent is asked for before each request, as one that made room for others while a request was under way takes no more.
 */
async function postWithToken(
  agentNow: () => EgressAgent,
  request: HttpRequest,
  oauth2: OAuth2Client,
  tokens: AccessTokens,
): Promise<HttpResult> {
  const startedAt = performance.now()
  const leftMs = (): number => Math.max(1, request.timeoutMs - (performance.now() - startedAt))
  const post = (token: string) => postAs(`Bearer ${token}`, agentNow(), { ...request, timeoutMs: leftMs() })
  let waitedMs = 0
  const getToken = async () => {
    const since = performance.now()
    const given = await tokens.get(oauth2, agentNow(), leftMs())
    if ('error' in given || given.isNew) waitedMs += performance.now() - since
    return given
  }
  const withTokenTime = (result: HttpResult): HttpResult =>
    waitedMs === 0 ? result : { ...result, tokenMs: Math.round(waitedMs * 1_000) / 1_000 }

  const given = await getToken()
  if ('error' in given) return withTokenTime({ response: null, error: given.error })
  const result = await post(given.token)
  if (result.response?.status !== 401 || given.isNew) return withTokenTime(result)
  tokens.forget(oauth2, given.token)
  const another = await getToken()
  return withTokenTime('error' in another ? result : await post(another.token))
}
