import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  startSubscriptions,
  type Answer,
  type CallOptions,
  type Fixture,
  type TenantFixture,
} from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
})
afterAll(() => fixture?.dispose())

const signature = { header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }
const documentNamed = (name: string) => ({ name, eventTypes: [{ name: 'order.paid' }], signatures: [signature] })
const asOperator = (method: string, path: string, body?: unknown): Promise<Answer> =>
  fixture.call(method, path, { key: fixture.operatorKey, body })
const moveTo = (profile: string): Promise<Answer> => asOperator('PATCH', `/v1/tenants/${tenant.id}`, { profile })

test('a profile is created from a small document, shown with its defaults, and listed', async () => {
  const created = await tenant.call('POST', '/v1/profiles', { body: documentNamed('own') })
  expect(created).toMatchObject({
    status: 201,
    body: { name: 'own', origin: 'own', document: { version: 1, success: '2xx', filter: 'names', timeoutMs: 30_000 } },
  })
  expect(created.headers.get('location')).toBe('/v1/profiles/own')
  expect((await tenant.call('GET', '/v1/profiles/own')).body).toEqual(created.body)
  const origins = new Map(
    (await tenant.call('GET', '/v1/profiles')).body.data?.map(({ name, origin }) => [name, origin]),
  )
  expect(origins.get('own')).toBe('own')
  expect(origins.get('standard')).toBe('shipped')
})

test("the operator's profiles are everybody's; a tenant's are nobody else's", async () => {
  expect((await asOperator('POST', '/v1/profiles', documentNamed('shared'))).body['origin']).toBe('shared')
  await tenant.call('POST', '/v1/profiles', { body: documentNamed('private') })
  const other = await fixture.createTenant()
  expect((await other.call('GET', '/v1/profiles/shared')).body['origin']).toBe('shared')
  expect((await other.call('GET', '/v1/profiles/private')).body['code']).toBe('profile_not_found')
  expect((await asOperator('GET', '/v1/profiles/private')).status).toBe(404)
  const replaced = await other.call('PUT', '/v1/profiles/shared', { body: documentNamed('shared') })
  expect(replaced).toMatchObject({ status: 403, body: { code: 'forbidden' } })
})

test('wrong documents are refused with the path of each wrong field', async () => {
  const body = {
    ...documentNamed('wrong'),
    signatures: [{ ...signature, content: '{event.name}.{body}' }],
    headers: { 'X-A': '{payload}' },
    success: '3xx',
  }
  const { status, body: problem } = await tenant.call('POST', '/v1/profiles', { body })
  expect(status).toBe(422)
  expect((problem['errors'] as { field: string }[]).map(({ field }) => field).toSorted()).toEqual(
    ['headers.X-A', 'signatures[0].content', 'success'].toSorted(),
  )
  expect(problem['detail']).toMatch(/unknown placeholder.*; success: must be "200" or "2xx"$/)

  const schema = { type: 'objekt' }
  const wrongSchema = { ...documentNamed('wrong'), eventTypes: [{ name: 'order.paid', schema }] }
  expect((await tenant.call('PUT', '/v1/profiles/own', { body: wrongSchema })).body['errors']).toMatchObject([
    { field: 'eventTypes[0].schema.type' },
    { field: 'name' },
  ])
})

test('a tenant gets another profile: its subscriptions stay, new ones follow its rules', async () => {
  const before = await tenant.subscribe()
  expect((await moveTo('lumoauth')).body['profile']).toBe('lumoauth')
  expect((await tenant.call('GET', '/v1/event-types')).body.data).toHaveLength(20)
  expect((await tenant.call('GET', `/v1/webhooks/subscriptions/${before.id}`)).body).toMatchObject({
    events: ['deposit.settled'],
  })
  const after = await tenant.subscribe({ events: ['user.*'] })
  expect(after.secret).toMatch(/^lumo_whsec_/)
  expect((await moveTo('nobodys')).body['code']).toBe('unknown_profile')
  expect((await moveTo('lumirecrm')).status).toBe(200)
})

test('a changed document counts at once', async () => {
  await tenant.call('POST', '/v1/profiles', { body: documentNamed('changing') })
  await moveTo('changing')
  const replaced = { ...documentNamed('changing'), eventTypes: [{ name: 'order.sent' }] }
  expect((await tenant.call('PUT', '/v1/profiles/changing', { body: replaced })).status).toBe(200)
  expect((await tenant.call('GET', '/v1/event-types')).body.data).toEqual([{ name: 'order.sent', description: '' }])
  await moveTo('lumirecrm')
})

test('a dry run renders what a receiver would get, and stores nothing', async () => {
  const stored = (await fixture.storedConfig()).length
  const dryRun = (body: unknown): Promise<Answer> => tenant.call('POST', '/v1/profiles/dry-run', { body })

  const document = { ...documentNamed('dry'), headers: { 'X-Event': '{event.type}' } }
  expect(await dryRun({ profile: document, payload: { n: 1 } })).toMatchObject({
    status: 200,
    body: { method: 'POST', headers: { 'x-event': 'order.paid' }, body: '{"n":1}', publicKey: null },
  })
  expect((await dryRun({ profile: 'standard', secretKind: 'ed25519', eventType: 'a.b' })).body).toMatchObject({
    headers: { 'webhook-signature': expect.stringMatching(/^v1a,/) as string },
    publicKey: expect.stringMatching(/^whpk_/) as string,
  })
  expect((await dryRun({ profile: 'lumin-sign' })).body).toMatchObject({
    headers: { 'user-agent': 'Lumin Sign API', 'x-signature': expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  })
  expect((await dryRun({ profile: 'nobodys' })).status).toBe(404)
  const md5 = { ...document, signatures: [{ ...signature, algorithm: 'md5' }] }
  expect((await dryRun({ profile: md5 })).body).toMatchObject({
    code: 'invalid_request',
    errors: [{ field: 'profile.signatures[0].algorithm' }],
  })
  expect((await dryRun({ profile: { ...document, colour: 'red' } })).body).toMatchObject({
    errors: [{ field: 'profile.colour', message: 'is not known here' }],
  })
  expect((await dryRun({ profile: { ...document, body: { envelope: '{payload}{payload}' } } })).body).toMatchObject({
    code: 'invalid_request',
    errors: [{ field: 'profile.body.envelope' }],
  })
  expect((await fixture.storedConfig()).length).toBe(stored)
})

test('the primary key is encrypted in the stream, marked in the list, and may be brought along by the operator', async () => {
  const keys = `/v1/tenants/${tenant.id}/keys`
  const body = { name: 'primary', role: 'owner', primary: true, key: 'my_primary_api_key' }
  const created = await asOperator('POST', keys, body)
  expect(created).toMatchObject({ status: 201, body: { key: 'my_primary_api_key', primary: true, hint: 'my_p' } })
  expect((await fixture.storedConfig()).join('\n')).not.toContain('my_primary_api_key')
  expect((await fixture.call('GET', keys, { key: 'my_primary_api_key' })).status).toBe(200)
  expect((await asOperator('POST', keys, body)).body['code']).toBe('api_key_exists')
  expect((await tenant.call('POST', keys, { body: { ...body, role: 'support' } })).status).toBe(403)

  await asOperator('POST', keys, { name: 'next', role: 'owner', primary: true })
  const primaries = (await tenant.call('GET', keys)).body.data?.filter(({ primary }) => primary)
  expect(primaries).toMatchObject([{ name: 'next' }])
})

test('a key works in the header of any profile, whatever others call a key', async () => {
  const headerOf = (apiKey: object) => ({ ...documentNamed('headers'), apiKey })
  expect((await tenant.call('POST', '/v1/profiles', { body: headerOf({ header: 'User-Agent' }) })).status).toBe(201)
  const paths = '/v1/event-types'
  const withHeader = (headers: Record<string, string>): Promise<Answer> => fixture.call('GET', paths, { headers })
  expect((await withHeader({ 'x-lucra-api-key': tenant.key, 'user-agent': 'curl' })).status).toBe(200)
  expect((await withHeader({ authorization: `Bearer ${tenant.key}`, 'user-agent': 'curl' })).status).toBe(200)
})

test('where the profile signs with key pairs, a subscription may ask for one and gets the public key alone', async () => {
  const standard = await fixture.createTenant('standard')
  const created = await standard.subscribe({ events: ['*'], secretKind: 'ed25519' })
  expect(created).toMatchObject({ publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/) as string })
  expect(created).not.toHaveProperty('secret')
  const subscription = `/v1/webhooks/subscriptions/${created.id}`
  const rotated = (await standard.call('POST', `${subscription}/rotate-secret`)).body
  expect(rotated['publicKey']).toMatch(/^whpk_/)
  expect(rotated['publicKey']).not.toBe(created['publicKey'])
  expect((await standard.call('GET', subscription)).body['publicKey']).toBe(rotated['publicKey'])
  expect((await standard.call('POST', `${subscription}/rotate-secret?secretKind=hmac`)).body).toMatchObject({
    publicKey: null,
    secret: expect.stringMatching(/^whsec_/) as string,
  })

  const wanted = { url: 'https://example.com', events: ['deposit.settled'], secretKind: 'ed25519' }
  const refused = await tenant.call('POST', '/v1/webhooks/subscriptions', { body: wanted })
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ field: 'secretKind' }] } })
})

test('a secret may be brought along where the profile lets it, if it can be one', async () => {
  const standard = await fixture.createTenant('standard')
  const create = (owner: TenantFixture, events: string[], secret: string): Promise<Answer> =>
    owner.call('POST', '/v1/webhooks/subscriptions', { body: { url: 'https://example.com', events, secret } })
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  expect((await create(standard, ['*'], secret)).body).toMatchObject({ secret })
  expect((await create(standard, ['*'], 'whsec_short')).body).toMatchObject({ code: 'invalid_secret' })
  const { id } = await standard.subscribe({ events: ['*'] })
  const rotate = (options: CallOptions): Promise<Answer> =>
    standard.call('POST', `/v1/webhooks/subscriptions/${id}/rotate-secret`, options)
  expect((await rotate({ body: { secret } })).body).toMatchObject({ secret })
  expect(await rotate({ body: { kind: 'hmac' } })).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
  expect(await rotate({ raw: '{' })).toMatchObject({ status: 400, body: { code: 'invalid_json' } })
  expect(await rotate({ raw: 'a=b', headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 415 })
  for (const type of ['application/json', 'application/x-www-form-urlencoded'])
    expect((await rotate({ raw: '', headers: { 'content-type': type } })).status).toBe(200)
  expect((await create(tenant, ['deposit.settled'], secret)).body).toMatchObject({ code: 'invalid_secret' })
})

test('a subscription names further profiles to sign as, which must exist and be others', async () => {
  const both = await tenant.subscribe({ alsoSignAs: ['standard'] })
  expect(both['alsoSignAs']).toEqual(['standard'])
  const change = (alsoSignAs: string[]): Promise<Answer> =>
    tenant.call('PATCH', `/v1/webhooks/subscriptions/${both.id}`, { body: { alsoSignAs } })
  expect((await change(['standard', 'svix'])).body['alsoSignAs']).toEqual(['standard', 'svix'])
  expect((await change(['standard', 'nobodys'])).body).toMatchObject({
    code: 'unknown_profile',
    errors: [{ field: 'alsoSignAs[1]' }],
  })
  expect((await change(['lumirecrm'])).body).toMatchObject({ errors: [{ field: 'alsoSignAs[0]' }] })
  expect((await change([])).body['alsoSignAs']).toEqual([])
})

test('a profile that could not sign is refused when it is asked for', async () => {
  const standard = await fixture.createTenant('standard')
  const subscriptions = '/v1/webhooks/subscriptions'
  const refused = (detail: string) => ({
    status: 422,
    body: { errors: [{ field: 'alsoSignAs[0]', message: expect.stringContaining(detail) as string }] },
  })
  const create = (body: object): Promise<Answer> =>
    standard.call('POST', subscriptions, { body: { url: 'https://example.com', events: ['*'], ...body } })
  const withKeyPair = await create({ secretKind: 'ed25519', alsoSignAs: ['lumirecrm'] })
  expect(withKeyPair).toMatchObject(refused('cannot sign with an ed25519 secret'))
  expect(await create({ alsoSignAs: ['lumin-sign'] })).toMatchObject(refused('and there is none'))

  const keyPair = await standard.subscribe({ events: ['*'], secretKind: 'ed25519', alsoSignAs: ['svix'] })
  const change = { body: { alsoSignAs: ['lumirecrm'] } }
  expect(await standard.call('PATCH', `${subscriptions}/${keyPair.id}`, change)).toMatchObject(refused('ed25519'))
  const shared = await standard.subscribe({ events: ['*'], ...change.body })
  const rotate = `${subscriptions}/${shared.id}/rotate-secret`
  expect(await standard.call('POST', `${rotate}?secretKind=ed25519`)).toMatchObject(refused('ed25519'))

  await asOperator('POST', `/v1/tenants/${standard.id}/keys`, { name: 'primary', role: 'owner', primary: true })
  expect((await create({ alsoSignAs: ['lumin-sign'] })).status).toBe(201)
})

test('a secret that only a further profile signs with is made and shown as that one does', async () => {
  const workspace = await fixture.createTenant('lumin-sign')
  const first = await workspace.subscribe({ events: ['*'] })
  expect(first).not.toHaveProperty('secret')
  const subscription = `/v1/webhooks/subscriptions/${first.id}`
  const rotate = (): Promise<Answer> => workspace.call('POST', `${subscription}/rotate-secret`)
  expect(await rotate()).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('does not sign with the secret of a subscription') as string },
  })
  const signAs = (name: string): Promise<Answer> =>
    workspace.call('PATCH', subscription, { body: { alsoSignAs: [name] } })
  expect((await signAs('standard')).status).toBe(200)
  expect((await rotate()).body['secret']).toMatch(/^whsec_/)
  await signAs('lucra')
  expect((await rotate()).body).toMatchObject({
    secretLink: { url: expect.stringContaining('/secret-links/') as string },
  })
  await workspace.call('DELETE', subscription)
  expect((await workspace.subscribe({ events: ['*'], alsoSignAs: ['standard'] })).secret).toMatch(/^whsec_/)
})
