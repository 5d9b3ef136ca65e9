import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  startReceiver,
  type Receiver,
  type Recorded,
  type Reply,
  type Respond,
} from '../../../test/infrastructure/index.ts'
import { startFixture, type Fixture, type Seal } from './fixture.ts'

let fixture: Fixture
const receivers: Receiver[] = []

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

async function receiver(respond?: Respond): Promise<Receiver> {
  const started = await startReceiver(respond)
  receivers.push(started)
  return started
}

const authorizationOf = ({ headers }: Recorded): string | undefined => headers.authorization

test('basic: name and password as they are, in UTF-8', async () => {
  const endpoint = await receiver()
  const attempt = await fixture.attempt({ url: endpoint.url }, (seal) => ({
    authentication: { type: 'basic', username: 'zoë', password: seal('a:b c') },
  }))
  expect(endpoint.requests.map(authorizationOf)).toEqual([`Basic ${Buffer.from('zoë:a:b c').toString('base64')}`])
  expect(attempt.requestHeaders['authorization']).toBe('Basic [redacted]')
})

test('bearer: the token, shown to nobody else, not even when the receiver says it back', async () => {
  const token = 'tok-1234567890'
  const endpoint = await receiver(({ headers }) => ({
    headers: { 'x-echo': headers.authorization ?? '' },
    body: JSON.stringify(headers),
  }))
  await fixture.attempt({ url: endpoint.url }, (seal) => ({ authentication: { type: 'bearer', token: seal(token) } }))
  expect(endpoint.requests.map(authorizationOf)).toEqual([`Bearer ${token}`])
  expect(JSON.stringify(fixture.outcomes)).not.toContain(token)
  expect(fixture.outcomes.at(-1)?.attempt).toMatchObject({
    requestHeaders: { authorization: 'Bearer [redacted]' },
    response: { headers: { 'x-echo': 'Bearer [redacted]' } },
  })
})

test('an Authorization header that somebody chose as a custom header is not recorded either', async () => {
  const endpoint = await receiver()
  const customHeaders = { Authorization: 'Token abcdef' }
  const attempt = await fixture.attempt({ url: endpoint.url, customHeaders })
  expect(endpoint.requests.map(authorizationOf)).toEqual(['Token abcdef'])
  expect(attempt.requestHeaders['authorization']).toBe('Token [redacted]')
})

const clientSecret = 'client secret &+%'

/** Gives out tokens t1, t2, … */
const tokenEndpoint = (respond: (nth: number) => Reply = () => 200) =>
  receiver((_request, nth) => {
    const reply = respond(nth)
    if (reply !== 200) return reply
    return { body: JSON.stringify({ access_token: `t${nth}`, token_type: 'Bearer', expires_in: 3_600 }) }
  })

const oauth2 =
  (tokens: { url: string }, more: object = {}): Seal =>
  (seal) => ({
    authentication: {
      type: 'oauth2',
      tokenUrl: `${tokens.url}/token`,
      clientId: 'client id',
      clientSecret: seal(clientSecret),
      clientAuthentication: 'basic',
      scope: null,
      audience: null,
      ...more,
    },
  })

test('oauth2: a token is fetched once for all deliveries, and used until it expires', async () => {
  const tokens = await tokenEndpoint()
  const endpoint = await receiver()
  const id = await fixture.subscribe({ url: endpoint.url, events: ['only.oauth2'] }, oauth2(tokens))
  for (let n = 0; n < 20; n++) await fixture.accept('only.oauth2', '{}')
  await fixture.outcomesOf(id, 20)
  expect(endpoint.requests.map(authorizationOf)).toEqual(Array<string>(20).fill('Bearer t1'))
  const [request] = tokens.requests
  expect(tokens.requests).toHaveLength(1)
  expect(request).toMatchObject({ method: 'POST', path: '/token' })
  expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  expect(request?.headers.authorization).toBe(
    `Basic ${Buffer.from('client+id:client+secret+%26%2B%25').toString('base64')}`,
  )
  expect(request?.body.toString()).toBe('grant_type=client_credentials')
})

test('oauth2: the time to get a token is told apart, and counts: one deadline is for token and request together', async () => {
  const tokens = await receiver(() => delay(600, { body: '{"access_token":"late"}' }))
  const endpoint = await receiver(() => 'hang')
  const attempt = await fixture.attempt({ url: endpoint.url, timeoutMs: 3_000 }, oauth2(tokens))
  // What was left of the three seconds, not another three.
  const [, leftMs] = /^No complete response within (\d+) ms\.$/.exec(attempt.error?.message ?? '') ?? []
  expect(Number(leftMs)).toBeLessThanOrEqual(2_400)
  expect(attempt.error?.code).toBe('timeout')
  expect(endpoint.requests.map(authorizationOf)).toEqual(['Bearer late'])
  expect(attempt.tokenMs).toBeGreaterThan(500)
})

test('oauth2: a token that is at hand takes no time', async () => {
  const tokens = await tokenEndpoint()
  const endpoint = await receiver()
  const id = await fixture.subscribe({ url: endpoint.url, events: ['only.at_hand'] }, oauth2(tokens))
  for (const n of [1, 2]) {
    await fixture.accept('only.at_hand', '{}')
    await fixture.outcomesOf(id, n)
  }
  const attempts = (await fixture.outcomesOf(id, 2)).map(({ attempt }) => attempt?.tokenMs)
  expect(attempts).toEqual([expect.any(Number), undefined])
})

test('oauth2: the client may authenticate in the form, and ask for a scope and an audience', async () => {
  const tokens = await tokenEndpoint()
  const endpoint = await receiver()
  const more = { clientAuthentication: 'form', scope: 'hooks:write', audience: 'https://api.test' }
  await fixture.attempt({ url: endpoint.url }, oauth2(tokens, more))
  const [request] = tokens.requests
  expect(request?.headers.authorization).toBeUndefined()
  expect(Object.fromEntries(new URLSearchParams(request?.body.toString()))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'client id',
    client_secret: clientSecret,
    scope: 'hooks:write',
    audience: 'https://api.test',
  })
})

test('oauth2: a token that the receiver does not take any more is replaced once, within the attempt', async () => {
  const tokens = await tokenEndpoint()
  let revoked = ''
  const endpoint = await receiver(({ headers }) => (headers.authorization === revoked ? 401 : 200))
  const events = ['only.revoked']
  const id = await fixture.subscribe({ url: endpoint.url, events }, oauth2(tokens))
  await fixture.accept('only.revoked', '{"n":1}')
  await fixture.outcomesOf(id, 1)
  revoked = 'Bearer t1'
  await fixture.accept('only.revoked', '{"n":2}')
  const outcomes = await fixture.outcomesOf(id, 2)
  expect(outcomes.map(({ outcome, attempt }) => [outcome.type, attempt?.number])).toEqual([
    ['delivered', 1],
    ['delivered', 1],
  ])
  expect(endpoint.requests.map(authorizationOf)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2'])
})

test('oauth2: a receiver that takes no token at all does not make one request after the other', async () => {
  const tokens = await tokenEndpoint()
  const endpoint = await receiver(() => 401)
  const attempt = await fixture.attempt({ url: endpoint.url }, oauth2(tokens))
  expect(attempt.response?.status).toBe(401)
  expect([endpoint.requests.length, tokens.requests.length]).toEqual([1, 1])
})

test.each<[what: string, respond: Reply, code: string, message: RegExp]>([
  [
    'refuses',
    { status: 401, body: `{"error":"invalid_client","error_description":"${clientSecret}"}` },
    'token_endpoint_refused',
    /answered 401 \(invalid_client\)/,
  ],
  ['refuses without a word', 403, 'token_endpoint_refused', /answered 403\./],
  ['fails', 500, 'token_endpoint_failed', /answered 500/],
  [
    'redirects',
    { status: 302, headers: { location: 'http://169.254.169.254/' } },
    'token_endpoint_failed',
    /answered 302/,
  ],
  ['answers something else', { body: `<html>${clientSecret}</html>` }, 'token_endpoint_failed', /not a token response/],
  [
    'gives a token of another kind',
    { body: '{"access_token":"x","token_type":"mac"}' },
    'token_endpoint_failed',
    /not a token/,
  ],
  [
    'gives a token that splits the header',
    { body: '{"access_token":"x\\r\\ny"}' },
    'token_endpoint_failed',
    /not a token/,
  ],
  ['breaks the connection', 'disconnect', 'token_endpoint_failed', /connection_closed/],
  ['hangs', 'hang', 'token_endpoint_timeout', /within/],
])(
  'oauth2: when the token endpoint %s, nothing is sent, and the error says why and holds no secret',
  async (_what, reply, code, message) => {
    const tokens = await receiver(() => reply)
    const endpoint = await receiver()
    const attempt = await fixture.attempt({ url: endpoint.url, timeoutMs: 1_000 }, oauth2(tokens))
    expect(attempt).toMatchObject({ response: null, error: { code }, tokenMs: expect.any(Number) })
    expect(attempt.error?.message).toMatch(message)
    expect(attempt.connection).toBeUndefined()
    expect(JSON.stringify(attempt)).not.toContain('secret')
    expect(endpoint.requests).toHaveLength(0)
  },
)

test('oauth2: the token endpoint is guarded like any other destination', async () => {
  const endpoint = await receiver()
  const attempt = await fixture.attempt({ url: endpoint.url }, oauth2({ url: 'http://169.254.169.254' }))
  expect(attempt.error).toMatchObject({
    code: 'token_endpoint_failed',
    message: expect.stringContaining('destination_refused'),
  })
})
