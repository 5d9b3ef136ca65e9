import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSubscriptions, type Answer, type Fixture, type TenantFixture } from './start-subscriptions.ts'

const webhook = {
  url: 'https://your-app.com/webhooks/lumoauth',
  events: ['auth.login.success', 'auth.login.failure', 'user.created'],
  secret: 'your-webhook-secret',
  active: true,
}

let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant('lumoauth')
})
afterAll(() => fixture?.dispose())

const call = (method: string, path: string, body?: unknown, key = tenant.key): Promise<Answer> =>
  fixture.call(method, path, {
    headers: { Authorization: `Bearer ${key}` },
    ...(body !== undefined && { body }),
  })

describe.each([
  ['/t/{tenant}/api/v1/webhooks'],
  ['/t/{tenant}/api/v1/admin/webhooks'],
  ['/orgs/{tenant}/api/v1/admin/webhooks'],
])('%s', (template) => {
  let path: string
  beforeAll(() => {
    path = template.replace('{tenant}', tenant.id)
  })

  test('webhooks are created, read, changed, disabled, enabled, given a new secret and deleted', async () => {
    const { status, headers, body } = await call('POST', path, webhook)
    expect(status).toBe(201)
    const { id, createdAt, updatedAt, ...shown } = body
    expect(shown).toEqual({ ...webhook, description: null })
    const own = `${path}/${String(id)}`
    expect(headers.get('location')).toBe(own)

    const { secret: _, ...visible } = body
    expect((await call('GET', own)).body).toEqual(visible)
    expect((await call('GET', path)).body['data']).toContainEqual(visible)

    expect((await call('PUT', own, { events: ['user.*'] })).body).toMatchObject({
      url: webhook.url,
      events: ['user.*'],
    })
    expect((await call('POST', `${own}/disable`)).body['active']).toBe(false)
    expect((await call('POST', `${own}/enable`)).body['active']).toBe(true)

    const whole = (await call('GET', own)).body
    expect((await call('PUT', own, whole)).body).toEqual(whole)

    const rotated = (await call('POST', `${own}/rotate-secret`)).body
    expect(rotated['secret']).toMatch(/^lumo_whsec_[0-9a-f]{64}$/)
    const rotate = (wish: object): Promise<Answer> => call('POST', `${own}/rotate-secret`, wish)
    const secret = 'another-webhook-secret'
    expect(await rotate({ secret })).toMatchObject({ status: 200, body: { secret } })
    expect(await rotate({ secret: 'short' })).toMatchObject({ status: 422, body: { code: 'invalid_secret' } })
    expect(await rotate({ colour: 'red' })).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
    expect((await call('GET', own)).body).not.toHaveProperty('secret')

    expect((await call('GET', `${own}/deliveries`)).body).toEqual({ data: [], nextCursor: null })
    expect((await call('DELETE', own)).status).toBe(204)
    expect((await call('GET', own)).body).toMatchObject({ status: 404, code: 'subscription_not_found' })
    expect((await call('GET', `${own}/deliveries`)).status).toBe(404)
  })

  test('without a secret, one is made', async () => {
    const { secret: _, ...rest } = webhook
    const { body } = await call('POST', path, { ...rest, events: ['*'] })
    expect(body).toMatchObject({ events: ['*'], secret: expect.stringMatching(/^lumo_whsec_/) })
  })

  test.each<[string, Record<string, unknown>, string, string]>([
    ['an http URL', { url: 'http://example.com' }, 'invalid_url', 'url'],
    ['an unknown event', { events: ['user.lost'] }, 'unknown_event_type', 'events[0]'],
    ['a pattern that nothing matches', { events: ['users.*'] }, 'unknown_event_type', 'events[0]'],
    ['a short secret', { secret: 'short' }, 'invalid_secret', 'secret'],
    ['an unknown field', { colour: 'red' }, 'invalid_request', 'colour'],
  ])('%s is refused with 422, naming the field', async (_name, change, code, field) => {
    const { status, body } = await call('POST', path, { ...webhook, ...change })
    expect(body).toMatchObject({ status: 422, code, errors: [expect.objectContaining({ field })] })
    expect(status).toBe(422)
  })

  test('to a key of another tenant, and of another profile, the tenant in the path does not exist', async () => {
    for (const profile of ['lumoauth', 'lucra']) {
      const other = await fixture.createTenant(profile)
      for (const [method, suffix] of [
        ['GET', ''],
        ['POST', ''],
        ['GET', '/sub_1'],
        ['DELETE', '/sub_1'],
        ['POST', '/sub_1/enable'],
      ] as const) {
        const { status, body } = await call(method, `${path}${suffix}`, undefined, other.key)
        expect([status, body['code']]).toEqual([404, 'unknown_tenant'])
      }
    }
  })

  test('a tenant of another profile is told which API it has', async () => {
    const other = await fixture.createTenant('lucra')
    const { body } = await call('GET', template.replace('{tenant}', other.id), undefined, other.key)
    expect(body).toMatchObject({ status: 403, code: 'other_api' })
  })

  test('publishers may do nothing, support reads', async () => {
    expect((await call('GET', path, undefined, await tenant.createKey('publisher'))).status).toBe(403)
    const support = await tenant.createKey('support')
    expect((await call('GET', path, undefined, support)).status).toBe(200)
    expect((await call('POST', path, webhook, support)).status).toBe(403)
  })
})
