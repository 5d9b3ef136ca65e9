import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send, startSubscriptions, type Body, type Fixture, type TenantFixture } from './start-subscriptions.ts'

const path = '/v1/account/webhook'
const url = 'https://your-app.example.com/lumin'

let fixture: Fixture
/** Its key is the workspace owner's, and the primary one. */
let workspace: TenantFixture
let admin: string

beforeAll(async () => {
  fixture = await startSubscriptions()
  workspace = await fixture.createTenant('lumin-sign')
  admin = await workspace.createKey('admin')
})
afterAll(() => fixture?.dispose())

describe('the account webhook', () => {
  test('is set, read, changed and deleted by the owner', async () => {
    expect((await workspace.call('GET', path)).body).toMatchObject({ status: 404, code: 'subscription_not_found' })
    const set = await workspace.call('PUT', path, { body: { url } })
    expect(set.status).toBe(200)
    expect(set.body).toMatchObject({ url, active: true })
    expect(set.text).not.toContain('secret')
    expect((await workspace.call('GET', path)).body).toEqual(set.body)
    const changed = await workspace.call('PUT', path, { body: { url: `${url}/2` } })
    expect(changed.body).toMatchObject({ id: set.body['id'], url: `${url}/2` })
    expect((await workspace.call('GET', '/v1/webhooks/subscriptions')).body.data).toMatchObject([
      { id: set.body['id'], events: ['*'] },
    ])
    expect((await workspace.call('DELETE', path)).status).toBe(204)
    expect((await workspace.call('DELETE', path)).body).toMatchObject({ status: 404, code: 'subscription_not_found' })
  })

  test('is read by other keys, but changed by the owner’s alone', async () => {
    await workspace.call('PUT', path, { body: { url } })
    expect((await workspace.call('GET', path, { key: admin })).status).toBe(200)
    for (const [method, suffix] of [
      ['PUT', path],
      ['DELETE', path],
      ['POST', '/v1/account/api-key/rotate'],
      ['POST', '/v1/webhooks/subscriptions'],
    ] as const) {
      const { status, body } = await workspace.call(method, suffix, { key: admin, body: { url, events: ['*'] } })
      expect(status).toBe(403)
      expect(body).toMatchObject({
        code: 'forbidden',
        detail: 'This needs an API key with the role owner; this one has the role admin.',
      })
    }
  })

  test.each([
    ['an http URL', { url: 'http://example.com' }, 'invalid_url', 'url'],
    ['no URL', {}, 'invalid_request', 'url'],
    ['a choice of events', { url, events: ['signature_request_sent'] }, 'invalid_request', 'events'],
  ])('%s is refused with 422', async (_name, body, code, field) => {
    const answer = await workspace.call('PUT', path, { body })
    expect(answer.body).toMatchObject({ status: 422, code, errors: [expect.objectContaining({ field })] })
  })

  test('is one, whatever API it is set with, also of 20 simultaneous ones through two replicas', async () => {
    const own = await fixture.createTenant('lumin-sign')
    const replica = await fixture.startReplica()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send(`${index % 2 ? fixture.url : replica.url}${path}`, 'PUT', {
          key: own.key,
          body: { url: `${url}/${index}` },
        }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1)
    const general = '/v1/webhooks/subscriptions'
    expect((await own.call('POST', general, { body: { url, events: ['*'] } })).body).toMatchObject({
      status: 409,
      code: 'subscription_limit_reached',
    })
    expect((await own.call('POST', general, { body: { url, events: ['signature_request_sent'] } })).status).toBe(409)
    await own.call('DELETE', path)
    expect((await own.call('POST', general, { body: { url, events: ['signature_request_sent'] } })).body).toMatchObject(
      { status: 422, code: 'invalid_request', errors: [expect.objectContaining({ field: 'events' })] },
    )
  })

  test('is not there for tenants of other profiles', async () => {
    const other = await fixture.createTenant('lumirecrm')
    expect((await other.call('GET', path)).body).toMatchObject({ status: 403, code: 'other_api' })
    expect((await other.call('PUT', path, { body: { url } })).body).toMatchObject({ status: 403, code: 'other_api' })
  })
})

describe('the primary API key', () => {
  test('is replaced by a new one, which alone opens anything', async () => {
    const own = await fixture.createTenant('lumin-sign')
    const rotated = await own.call('POST', '/v1/account/api-key/rotate')
    expect(rotated.status).toBe(200)
    expect(rotated.body).toMatchObject({ role: 'owner', primary: true, key: expect.stringMatching(/^lumin_/) })
    const key = String(rotated.body['key'])
    expect((await own.call('GET', path)).body).toMatchObject({ status: 401, code: 'invalid_api_key' })
    expect((await own.call('PUT', path, { key, body: { url } })).status).toBe(200)
    const keys = await own.call('GET', `/v1/tenants/${own.id}/keys`, { key })
    expect(keys.body.data).toMatchObject([
      { primary: false, revokedAt: expect.any(String) },
      { primary: true, revokedAt: null },
    ])
    expect(keys.text).not.toContain(key)
  })
})

describe('apps', () => {
  const scopes = ['sign:requests.read']
  const createApp = async () =>
    (await workspace.call('POST', '/v1/apps', { body: { name: 'Signer', scopes } })).body as Body & {
      readonly id: string
      readonly signingSecret: string
    }

  test('are created with a signing secret that is shown once, read, given another secret and deleted', async () => {
    const { signingSecret, ...app } = await createApp()
    expect(signingSecret).toMatch(/^[0-9a-f]{64}$/)
    const own = `/v1/apps/${app.id}`
    expect((await workspace.call('GET', own)).body).toEqual(app)
    expect((await workspace.call('GET', '/v1/apps')).body.data).toContainEqual(app)
    const rotated = await workspace.call('POST', `${own}/rotate-secret`)
    expect(rotated.body['signingSecret']).toMatch(/^[0-9a-f]{64}$/)
    expect(rotated.body['signingSecret']).not.toBe(signingSecret)
    await workspace.call('PUT', `${own}/webhook`, { body: { url } })
    expect((await workspace.call('DELETE', own)).status).toBe(204)
    expect((await workspace.call('GET', own)).body).toMatchObject({ status: 404, code: 'app_not_found' })
    expect((await workspace.call('GET', `${own}/webhook`)).body).toMatchObject({ status: 404, code: 'app_not_found' })
    const { data } = (await workspace.call('GET', '/v1/webhooks/subscriptions')).body
    expect(data?.filter((subscription) => subscription['url'] === url && subscription['appId'])).toEqual([])
  })

  test('have a webhook each, beside the account’s', async () => {
    await workspace.call('PUT', path, { body: { url } })
    const [first, second] = [await createApp(), await createApp()]
    for (const { id } of [first, second]) {
      const own = `/v1/apps/${id}/webhook`
      expect((await workspace.call('GET', own)).body).toMatchObject({ status: 404, code: 'subscription_not_found' })
      const set = await workspace.call('PUT', own, { body: { url: `${url}/${id}` } })
      expect(set.body).toMatchObject({ url: `${url}/${id}`, active: true })
      expect((await workspace.call('GET', own)).body).toEqual(set.body)
    }
    expect((await workspace.call('DELETE', `/v1/apps/${first.id}/webhook`)).status).toBe(204)
    expect((await workspace.call('GET', `/v1/apps/${second.id}/webhook`)).status).toBe(200)
    expect((await workspace.call('GET', path)).body['url']).toBe(url)
  })

  test('are granted scopes by users, which replace those before and are taken back', async () => {
    const { id } = await createApp()
    const grant = `/v1/apps/${id}/grants/user_91`
    expect((await workspace.call('GET', grant)).body).toEqual({ userId: 'user_91', scopes: [] })
    expect((await workspace.call('PUT', grant, { key: admin, body: { scopes } })).body).toEqual({
      userId: 'user_91',
      scopes,
    })
    expect((await workspace.call('GET', `/v1/apps/${id}/grants/user_92`)).body['scopes']).toEqual([])
    expect((await workspace.call('PUT', grant, { body: { scopes: ['everything'] } })).body).toMatchObject({
      status: 422,
      code: 'invalid_request',
      errors: [expect.objectContaining({ field: 'scopes[0]' })],
    })
    expect((await workspace.call('DELETE', grant)).status).toBe(204)
    expect((await workspace.call('GET', grant)).body['scopes']).toEqual([])
    expect((await workspace.call('PUT', '/v1/apps/app_1/grants/user_91', { body: { scopes } })).body).toMatchObject({
      status: 404,
      code: 'app_not_found',
    })
  })

  test('are the owner’s to change; and another tenant’s are not there', async () => {
    const { id } = await createApp()
    const own = `/v1/apps/${id}`
    for (const [method, suffix] of [
      ['POST', '/v1/apps'],
      ['DELETE', own],
      ['POST', `${own}/rotate-secret`],
      ['PUT', `${own}/webhook`],
      ['DELETE', `${own}/webhook`],
    ] as const)
      expect((await workspace.call(method, suffix, { key: admin, body: { url, name: 'x', scopes } })).status).toBe(403)
    const other = await fixture.createTenant('lumin-sign')
    for (const suffix of ['', '/webhook', '/grants/user_91'])
      expect((await other.call('GET', `${own}${suffix}`)).body).toMatchObject({ status: 404, code: 'app_not_found' })
    expect((await other.call('DELETE', own)).status).toBe(404)
  })

  test('are not there where nothing is signed for them', async () => {
    const lucra = await fixture.createTenant('lucra')
    const { body } = await lucra.call('POST', '/v1/apps', { body: { name: 'x', scopes } })
    expect(body).toMatchObject({ status: 403, code: 'other_api' })
  })
})
