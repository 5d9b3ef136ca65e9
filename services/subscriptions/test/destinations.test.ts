import { afterAll, beforeAll, expect, test } from 'vitest'
import { refusedUrls, startDnsServer, type DnsServer } from '../../../test/infrastructure/index.ts'
import { startSubscriptions, type Body, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let dns: DnsServer
/** As it is without any setting, but for the name server. */
let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  dns = await startDnsServer((name) => addresses[name] ?? 'unknown')
  fixture = await startSubscriptions(undefined, { ALLOWED_NETWORKS: '', DNS_SERVERS: dns.address })
  tenant = await fixture.createTenant()
})
afterAll(async () => {
  await fixture?.dispose()
  await dns?.[Symbol.asyncDispose]()
})

const addresses: Record<string, readonly string[] | 'failing'> = {
  'public.test': ['93.184.215.14'],
  'private.test': ['10.1.2.3'],
  'both.test': ['10.1.2.3', '93.184.215.14'],
  'failing.test': 'failing',
}

const subscriptions = '/v1/webhooks/subscriptions'
const create = (url: string, of = tenant) =>
  of.call('POST', subscriptions, { body: { url, events: ['deposit.settled'] } })

const refused = (field: string) =>
  expect.objectContaining({
    status: 422,
    code: 'destination_refused',
    errors: [{ field, message: expect.any(String) }],
  }) as Body

test('no way to write an address that is not public can be subscribed', async () => {
  const passed: string[] = []
  for (const [name, url] of refusedUrls) {
    const { status, body } = await create(url)
    const code = String(body['code'])
    if (status !== 422 || !['destination_refused', 'invalid_url'].includes(code)) passed.push(`${name}: ${url} ${code}`)
  }
  expect(passed).toEqual([])
  expect(refusedUrls.length).toBeGreaterThanOrEqual(200)
})

test('the refusal says what is wrong, and names the field', async () => {
  expect((await create('http://127.0.0.1:8080/hooks')).body).toMatchObject({
    status: 422,
    code: 'destination_refused',
    detail: 'url: 127.0.0.1 is not a permitted destination (127.0.0.0/8: loopback, RFC 1122).',
    errors: [{ field: 'url', message: '127.0.0.1 is not a permitted destination (127.0.0.0/8: loopback, RFC 1122).' }],
  })
  expect((await create('http://93.184.215.14:25/')).body).toMatchObject({
    code: 'destination_refused',
    detail: 'url: Port 25 is not among the ports that requests may go to.',
  })
})

test('a name is judged by its addresses, without telling them', async () => {
  expect((await create('https://public.test/')).status).toBe(201)
  // Only the public one is ever connected to.
  expect((await create('https://both.test/')).status).toBe(201)
  const { body, text } = await create('https://private.test/')
  expect(body).toEqual(refused('url'))
  expect(text).not.toContain('10.1.2.3')
})

test.each(['unknown.test', 'failing.test'])('a name that does not resolve now can be subscribed: %s', async (name) => {
  expect((await create(`https://${name}/`)).status).toBe(201)
})

test('a change to such a URL is refused, and changes nothing', async () => {
  const { id, url } = await tenant.subscribe({ url: 'https://public.test/' })
  const path = `${subscriptions}/${id}`
  for (const bad of ['http://169.254.169.254/latest/meta-data/', 'https://private.test/', 'http://localhost/'])
    expect((await tenant.call('PATCH', path, { body: { url: bad, active: false } })).body).toEqual(refused('url'))
  expect((await tenant.call('GET', path)).body).toMatchObject({ url, active: true })
})

test('a URL that is no longer permitted does not keep its subscription from being changed otherwise', async () => {
  addresses['moving.test'] = ['93.184.215.14']
  const { id, url } = await tenant.subscribe({ url: 'https://moving.test/' })
  addresses['moving.test'] = ['127.0.0.1']
  const changed = await tenant.call('PATCH', `${subscriptions}/${id}`, { body: { url, active: false } })
  expect(changed.body).toMatchObject({ url, active: false })
})

test('a test of a URL whose name has changed its address is refused', async () => {
  addresses['changing.test'] = ['93.184.215.14']
  const { id } = await tenant.subscribe({ url: 'https://changing.test/' })
  expect((await tenant.call('POST', `${subscriptions}/${id}/test`)).status).toBe(202)
  addresses['changing.test'] = ['127.0.0.1']
  expect((await tenant.call('POST', `${subscriptions}/${id}/test`)).body).toEqual(refused('url'))
})

test('a token endpoint is a destination, too', async () => {
  const authentication = { type: 'oauth2', tokenUrl: 'https://private.test/token', clientId: 'a', clientSecret: 'b' }
  const body = { url: 'https://public.test/', events: ['deposit.settled'], authentication }
  expect((await tenant.call('POST', subscriptions, { body })).body).toEqual(refused('authentication.tokenUrl'))
})

test.each([
  ['lucra', 'POST', '/api/rest/webhook/configs', { subscriptions: ['UserSignedUp'], name: 'A' }],
  ['lumin-sign', 'PUT', '/v1/account/webhook', {}],
  ['lumoauth', 'POST', '/t/{tenant}/api/v1/webhooks', { events: ['user.created'] }],
  ['lumoauth', 'POST', '/orgs/{tenant}/api/v1/admin/webhooks', { events: ['user.created'] }],
])('the API of %s refuses them, too: %s %s', async (profile, method, path, body) => {
  const other = await fixture.createTenant(profile)
  const headers = { Authorization: `Bearer ${other.key}`, 'X-Lucra-Api-Key': other.key }
  for (const url of ['https://127.0.0.1/', 'https://private.test/']) {
    const answer = await other.call(method, path.replace('{tenant}', other.id), { headers, body: { ...body, url } })
    expect(answer).toMatchObject({ status: 422 })
    expect(answer.text).toContain('not')
    expect(answer.text).toContain('destination')
  }
})

test('an app’s webhook is checked like every other', async () => {
  const workspace = await fixture.createTenant('lumin-sign')
  const { body } = await workspace.call('POST', '/v1/apps', { body: { name: 'A', scopes: [] } })
  const path = `/v1/apps/${String(body['id'])}/webhook`
  expect((await workspace.call('PUT', path, { body: { url: 'https://private.test/' } })).body).toEqual(refused('url'))
})
