import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority } from '../../../test/infrastructure/index.ts'
import { startSubscriptions, type Body, type Fixture, type TenantFixture } from './start-subscriptions.ts'

const subscriptions = '/v1/webhooks/subscriptions'
const authority = createAuthority('Clients')

let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
})
afterAll(() => fixture?.dispose())

const patch = (id: string, body: Body) => tenant.call('PATCH', `${subscriptions}/${id}`, { body })

const oauth2 = {
  type: 'oauth2',
  tokenUrl: 'https://id.example.com/token',
  clientId: 'jethook',
  clientAuthentication: 'form',
  scope: 'hooks',
  audience: null,
}

test.each([
  ['basic', { type: 'basic', username: 'crm' }, { password: 'hidden-1' }],
  ['bearer', { type: 'bearer' }, { token: 'hidden-2' }],
  ['oauth2', oauth2, { clientSecret: 'hidden-3' }],
])('%s authentication is shown without its secret, in every answer and in the stream', async (_type, shown, hidden) => {
  const created = await tenant.subscribe({ authentication: { ...shown, ...hidden } })
  expect(created['authentication']).toEqual(shown)
  const path = `${subscriptions}/${created.id}`
  const answers = [
    await tenant.call('GET', path),
    await tenant.call('GET', subscriptions),
    await patch(created.id, { name: 'x' }),
  ]
  for (const { text } of answers) expect(text).not.toContain('hidden')
  const stored = await fixture.storedConfig()
  expect(stored.join('\n')).not.toContain('hidden')
  expect(stored.findLast((event) => event.includes(created.id))).toBeDefined()
})

test('authentication is left alone by other changes, replaced as a whole, and removed by null', async () => {
  const { id } = await tenant.subscribe({ authentication: { type: 'bearer', token: 'a' } })
  expect((await patch(id, { active: false })).body['authentication']).toEqual({ type: 'bearer' })
  expect(
    (await patch(id, { authentication: { type: 'basic', username: 'b', password: 'c' } })).body['authentication'],
  ).toEqual({ type: 'basic', username: 'b' })
  expect((await patch(id, { authentication: null })).body['authentication']).toBeNull()
})

test.each([
  ['another type', { type: 'digest', username: 'a', password: 'b' }],
  ['a colon in the name', { type: 'basic', username: 'a:b', password: 'c' }],
  ['a line end in the password', { type: 'basic', username: 'a', password: 'b\nc' }],
  ['a space in the token', { type: 'bearer', token: 'a b' }],
  ['no secret', { type: 'bearer' }],
  ['more than there is', { type: 'bearer', token: 'a', username: 'b' }],
  ['a token endpoint that is no URL', { ...oauth2, tokenUrl: '/token', clientSecret: 'a' }],
])('authentication with %s is refused, and its secret is not repeated', async (_what, authentication) => {
  const body = { url: 'https://example.com', events: ['deposit.settled'], authentication }
  const answer = await tenant.call('POST', subscriptions, { body })
  expect(answer.status).toBe(422)
  expect(answer.text).toContain('authentication')
})

test('an Authorization header and authentication exclude each other, whichever comes first', async () => {
  const customHeaders = { authorization: 'Token x' }
  const authentication = { type: 'bearer', token: 'a' }
  const clash = expect.objectContaining({ status: 422, code: 'invalid_header' }) as Body
  const body = { url: 'https://example.com', events: ['deposit.settled'], customHeaders, authentication }
  expect((await tenant.call('POST', subscriptions, { body })).body).toEqual(clash)
  const first = await tenant.subscribe({ customHeaders })
  expect((await patch(first.id, { authentication })).body).toEqual(clash)
  const second = await tenant.subscribe({ authentication })
  expect((await patch(second.id, { customHeaders })).body).toEqual(clash)
})

test('a client certificate is shown by its subject, fingerprint and end; its key never is', async () => {
  const { cert, key } = authority.issue({ name: 'jethook' })
  const created = await tenant.subscribe({ clientCertificate: { certificate: cert, key } })
  expect(created['clientCertificate']).toEqual({
    subject: 'CN=jethook',
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    expiresAt: expect.any(String),
  })
  const secretPart = key.split('\n')[1] ?? ''
  expect(JSON.stringify(created)).not.toContain(secretPart)
  expect((await fixture.storedConfig()).join('\n')).not.toContain(secretPart)
  expect((await patch(created.id, { clientCertificate: null })).body['clientCertificate']).toBeNull()
})

const issued = (name: string, days = 2, rsaBits?: number, swapsExponents?: boolean) => {
  const rsa = rsaBits === undefined ? {} : { rsaBits, swapsExponents: swapsExponents ?? false }
  const { cert: certificate, key } = authority.issue({ name, days, ...rsa })
  return { certificate, key }
}
const broken = '-----BEGIN CERTIFICATE-----\nabcd\n-----END CERTIFICATE-----'

test.each([
  ['nothing in PEM', { ...issued('a'), certificate: 'nothing' }, 'certificate'],
  ['a broken one', { ...issued('a'), certificate: broken }, 'certificate'],
  ['one that has expired', issued('a', -1), 'certificate'],
  ['one whose key is too short for TLS', issued('a', 2, 1_024), 'certificate'],
  ['one whose key takes the dispatcher long to sign with', issued('a', 2, 4_104), 'key'],
  ['one whose public exponent takes the dispatcher long, too', issued('a', 2, 2_048, true), 'key'],
  ['one with the key of another', { ...issued('a'), key: issued('b').key }, 'key'],
  ['one with a key that is none', { ...issued('a'), key: 'my secret key' }, 'key'],
])('%s is refused as a client certificate, and its key is not repeated', async (_what, clientCertificate, field) => {
  const body = { url: 'https://example.com', events: ['deposit.settled'], clientCertificate }
  const answer = await tenant.call('POST', subscriptions, { body })
  expect(answer.body).toMatchObject({
    status: 422,
    code: 'invalid_client_certificate',
    errors: [{ field: `clientCertificate.${field}` }],
  })
  expect(answer.text).not.toContain('my secret key')
})
