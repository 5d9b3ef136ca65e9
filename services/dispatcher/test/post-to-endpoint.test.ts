import { createEgressAgents, parsePolicy, type EgressAgents } from '@jethook/egress'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startReceiver, type Receiver, type Respond } from '../../../test/infrastructure/index.ts'
import { createAccessTokens } from '../src/access-tokens/access-tokens.ts'
import { createPostToEndpoint } from '../src/attempt/post-to-endpoint.ts'

let agents: EgressAgents
const receivers: Receiver[] = []

beforeEach(() => {
  agents = createEgressAgents({ policy: parsePolicy({ ALLOWED_NETWORKS: '127.0.0.0/8' }), maxAgents: 1 })
})
afterEach(async () => {
  await agents.close()
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

/** While it answers, a request with another certificate is made, and there is room for one only. */
async function receiver(respond: Respond): Promise<Receiver> {
  const started = await startReceiver((request, nth) => {
    agents.agentFor({ passphrase: 'of another' })
    return respond(request, nth)
  })
  receivers.push(started)
  return started
}

/** Makes attempts with a client certificate and OAuth2. Agents are told apart by the certificate, with and without TLS. */
function poster(endpoint: Receiver, tokens: Receiver) {
  const oauth2 = {
    identity: {},
    tokenUrl: tokens.url,
    clientId: 'id',
    clientSecret: 'secret',
    clientAuthentication: 'basic',
    scope: null,
    audience: null,
  } as const
  const post = createPostToEndpoint(agents, createAccessTokens(performance.now.bind(performance)))
  const to = {
    destination: { origin: endpoint.url, path: '/' },
    timeoutMs: 5_000,
    credentials: { certificate: { passphrase: 'of this one' }, oauth2 },
  }
  return async () => post(to, { headers: {}, body: Buffer.from('{}') })
}

const tokenEndpoint = () => receiver((_request, nth) => ({ body: `{"access_token":"t${nth}"}` }))

test('a certificate that made room for another one while a token was fetched is used all the same', async () => {
  const endpoint = await receiver(() => 200)
  const post = poster(endpoint, await tokenEndpoint())
  expect(await post()).toMatchObject({ response: { status: 200 }, error: null })
})

test('so it is while the receiver refuses the token, to fetch another one', async () => {
  const endpoint = await receiver(({ headers }) => (headers.authorization === 'Bearer t1' ? 401 : 200))
  const post = poster(endpoint, await tokenEndpoint())
  // A token that was fetched just now is not replaced.
  expect(await post()).toMatchObject({ response: { status: 401 } })
  expect(await post()).toMatchObject({ response: { status: 200 }, error: null })
})
