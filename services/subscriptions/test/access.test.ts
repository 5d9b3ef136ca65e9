import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { profile } from './given.ts'
import { startSubscriptions, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture
let other: TenantFixture
let keys: Record<'admin' | 'support' | 'publisher' | 'operator' | 'other' | 'wrong', string>
let subscriptionId: string

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
  other = await fixture.createTenant()
  keys = {
    admin: tenant.key,
    support: await tenant.createKey('support'),
    publisher: await tenant.createKey('publisher'),
    operator: fixture.operatorKey,
    other: other.key,
    wrong: `${tenant.key}x`,
  }
  subscriptionId = (await tenant.subscribe()).id
})
afterAll(() => fixture?.dispose())

/** What each route answers to whom, in this order. */
const callers = ['admin', 'support', 'publisher', 'operator', 'other', 'wrong'] as const

const subscriptions = '/v1/webhooks/subscriptions'
const body = { url: 'https://example.com', events: ['deposit.settled'] }

describe('who may do what: admin, support, publisher, operator, another tenant’s admin, a wrong key', () => {
  test.each([
    ['POST', '/v1/tenants', { id: 'new', name: 'New' }, [403, 403, 403, 201, 403, 401]],
    ['GET', '/v1/tenants', undefined, [403, 403, 403, 200, 403, 401]],
    ['GET', '/v1/tenants/{tenant}', undefined, [403, 403, 403, 200, 403, 401]],
    ['PATCH', '/v1/tenants/{tenant}', { name: 'Acme' }, [403, 403, 403, 200, 403, 401]],
    ['POST', '/v1/profiles', 'profile', [201, 403, 403, 201, 409, 401]],
    ['PUT', '/v1/profiles/mine', 'profile', [200, 403, 403, 200, 403, 401]],
    ['GET', '/v1/profiles', undefined, [200, 200, 200, 200, 200, 401]],
    ['GET', '/v1/profiles/standard', undefined, [200, 200, 200, 200, 200, 401]],
    ['POST', '/v1/profiles/dry-run', { profile: 'standard' }, [200, 200, 200, 200, 200, 401]],
    ['POST', '/v1/tenants/{tenant}/keys', { name: 'n', role: 'owner' }, [403, 403, 403, 201, 404, 401]],
    ['POST', '/v1/tenants/{tenant}/keys', { name: 'n', role: 'admin', primary: true }, [403, 403, 403, 201, 404, 401]],
    ['POST', '/v1/tenants/{tenant}/keys', { name: 'n', role: 'support' }, [201, 403, 403, 201, 404, 401]],
    ['GET', '/v1/tenants/{tenant}/keys', undefined, [200, 403, 403, 200, 404, 401]],
    ['DELETE', '/v1/tenants/{tenant}/keys/none', undefined, [404, 403, 403, 404, 404, 401]],
    ['POST', subscriptions, body, [201, 403, 403, 403, 201, 401]],
    ['GET', subscriptions, undefined, [200, 200, 403, 403, 200, 401]],
    ['GET', `${subscriptions}/{id}`, undefined, [200, 200, 403, 403, 404, 401]],
    ['PATCH', `${subscriptions}/{id}`, { active: true }, [200, 403, 403, 403, 404, 401]],
    ['POST', `${subscriptions}/{id}/test`, undefined, [202, 403, 403, 403, 404, 401]],
    ['POST', `${subscriptions}/{id}/rotate-secret`, undefined, [200, 403, 403, 403, 404, 401]],
    ['DELETE', `${subscriptions}/none`, undefined, [404, 403, 403, 403, 404, 401]],
    ['GET', '/v1/webhooks/{id}/deliveries', undefined, [200, 200, 403, 403, 404, 401]],
    ['GET', '/v1/deliveries/none', undefined, [404, 404, 403, 403, 404, 401]],
    ['POST', '/v1/deliveries/none/replay', undefined, [404, 404, 403, 403, 404, 401]],
    ['GET', '/v1/event-types', undefined, [200, 200, 200, 403, 200, 401]],
    ['GET', '/v1/events/rejected', undefined, [200, 200, 403, 200, 200, 401]],
    ['GET', '/v1/events/rejected?tenant={tenant}', undefined, [200, 200, 403, 200, 403, 401]],
    ['GET', '/v1/events/none', undefined, [404, 404, 403, 403, 404, 401]],
  ])('%s %s', async (method, template, content, expected) => {
    const path = template.replace('{tenant}', tenant.id).replace('{id}', subscriptionId)
    const statuses: number[] = []
    for (const caller of callers) {
      const answer = await fixture.call(method, path, {
        key: keys[caller],
        ...(content !== undefined && { body: content === 'profile' ? profile : content }),
      })
      statuses.push(answer.status)
      if (answer.status === 401) expect(answer.body['code']).toBe('invalid_api_key')
      if (answer.status === 403) expect(answer.body['code']).toBe('forbidden')
    }
    expect(statuses).toEqual(expected)
  })
})

test('what a key may not do is said with the role that may', async () => {
  const { body: problem } = await fixture.call('POST', subscriptions, { key: keys.support, body })
  expect(problem['detail']).toBe('This needs an API key with the role admin; this one has the role support.')
})

test('without a key, nothing is told about the request', async () => {
  const answer = await fixture.call('POST', subscriptions, { raw: 'not JSON' })
  expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } })
})

test('a key may come as a bearer token', async () => {
  const answer = await fixture.call('GET', subscriptions, { headers: { authorization: `Bearer ${tenant.key}` } })
  expect(answer.status).toBe(200)
})
