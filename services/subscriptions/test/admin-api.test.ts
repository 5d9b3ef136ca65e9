import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { shippedProfiles } from '@jethook/profiles'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSubscriptions, type Answer, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture
let operator: { readonly key: string }

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
  operator = { key: fixture.operatorKey }
})
afterAll(() => fixture?.dispose())

const path = '/v1/webhooks/subscriptions'

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code, type: `urn:jethook:problem:${code}` })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(answer.body['detail']).toBeTruthy()
}

describe('tenants', () => {
  test('the operator creates one, reads it and finds it in the list', async () => {
    const created = await fixture.call('POST', '/v1/tenants', { ...operator, body: { id: 'acme', name: 'Acme Ltd' } })
    expect(created).toMatchObject({ status: 201, body: { id: 'acme', name: 'Acme Ltd', profile: 'standard' } })
    expect(created.headers.get('location')).toBe('/v1/tenants/acme')
    expect((await fixture.call('GET', '/v1/tenants/acme', operator)).body).toEqual(created.body)
    expect((await fixture.call('GET', '/v1/tenants', operator)).body.data).toContainEqual(created.body)
  })

  test('one is created once, so that a create can be sent again safely', async () => {
    const body = { id: 'once', name: 'Once' }
    const answers = await Promise.all([1, 2, 3].map(() => fixture.call('POST', '/v1/tenants', { ...operator, body })))
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['201', '409', '409'])
    expectProblem(await fixture.call('POST', '/v1/tenants', { ...operator, body }), 409, 'tenant_exists')
  })

  test('bad input is named', async () => {
    const create = (body: unknown) => fixture.call('POST', '/v1/tenants', { ...operator, body })
    expectProblem(await create({ id: 'Acme!', name: 'Acme' }), 422, 'invalid_request')
    expectProblem(await create({ id: 'other', name: 'Other', profile: 'nope' }), 422, 'unknown_profile')
    expectProblem(await fixture.call('GET', '/v1/tenants?colour=red', operator), 422, 'invalid_request')
    expectProblem(await fixture.call('GET', '/v1/tenants/nobody', operator), 404, 'unknown_tenant')
    expectProblem(await fixture.call('GET', '/v1/tenants?cursor=nobody', operator), 422, 'invalid_cursor')
  })
})

test('all that is wrong is told, field by field, in the answer as in its detail', async () => {
  const body = { events: 'deposit.settled', timeoutMs: 1.5, concurrency: 0, whenStuck: 'wait', colour: 'red' }
  const { body: problem } = await tenant.call('POST', path, { body })
  expect(problem).toMatchObject({ status: 422, code: 'invalid_request' })
  expect(problem['errors']).toEqual([
    { field: 'url', message: 'is missing' },
    { field: 'events', message: 'must be an array' },
    { field: 'timeoutMs', message: 'must be a whole number' },
    { field: 'concurrency', message: 'must be at least 1' },
    { field: 'whenStuck', message: 'must be "block" or "skip"' },
    { field: 'colour', message: 'is not known here' },
  ])
  expect(problem['detail']).toBe(
    'url: is missing; events: must be an array; timeoutMs: must be a whole number; concurrency: must be at least 1; ' +
      'whenStuck: must be "block" or "skip"; colour: is not known here',
  )
  const { body: ofQuery } = await tenant.call('GET', `${path}?limit=0&colour=red`)
  expect(ofQuery['detail']).toBe('limit: must be at least 1; colour: is not known here')
})

describe('API keys', () => {
  test('a key is shown once, has the prefix of the profile, and works at once', async () => {
    const keys = `/v1/tenants/${tenant.id}/keys`
    const created = await fixture.call('POST', keys, { ...operator, body: { name: 'support', role: 'support' } })
    expect(created.status).toBe(201)
    const { key, ...resource } = created.body
    expect(key).toMatch(/^lum_live_[A-Za-z0-9_-]{43}$/)
    expect(String(key).startsWith(String(resource['hint']))).toBe(true)
    const listed = await tenant.call('GET', keys)
    expect(listed.body.data).toContainEqual(resource)
    expect(listed.text).not.toContain(String(key))
    expect((await fixture.call('GET', path, { key: String(key) })).status).toBe(200)
  })

  test('a revoked key opens nothing from the moment on, and revoking it again is fine', async () => {
    const keys = `/v1/tenants/${tenant.id}/keys`
    const { body } = await tenant.call('POST', keys, { body: { name: 'leaving', role: 'support' } })
    const key = String(body['key'])
    for (const _ of [1, 2]) expect((await tenant.call('DELETE', `${keys}/${String(body['id'])}`)).status).toBe(204)
    expectProblem(await fixture.call('GET', path, { key }), 401, 'invalid_api_key')
    const listed = (await tenant.call('GET', keys)).body.data?.find(({ id }) => id === body['id'])
    expect(listed?.['revokedAt']).not.toBeNull()
  })

  test('bad input is named', async () => {
    const keys = `/v1/tenants/${tenant.id}/keys`
    expectProblem(await tenant.call('POST', keys, { body: { name: 'x', role: 'root' } }), 422, 'invalid_request')
    expectProblem(await tenant.call('DELETE', `${keys}/key_none`), 404, 'api_key_not_found')
    const nobody = '/v1/tenants/nobody/keys'
    expectProblem(
      await fixture.call('POST', nobody, { ...operator, body: { name: 'x', role: 'admin' } }),
      404,
      'unknown_tenant',
    )
    expectProblem(await fixture.call('GET', nobody, operator), 404, 'unknown_tenant')
  })
})

describe('subscriptions', () => {
  test('the answer to create has the secret and the defaults; no other answer has the secret', async () => {
    const created = await tenant.call('POST', path, {
      body: { url: 'https://example.com/hooks', events: ['deposit.settled', 'withdrawal.requested'] },
    })
    expect(created.status).toBe(201)
    const { secret, ...resource } = created.body
    expect(secret).toMatch(/^lum_whsec_[0-9a-f]{64}$/)
    expect(resource).toMatchObject({
      url: 'https://example.com/hooks',
      events: ['deposit.settled', 'withdrawal.requested'],
      description: null,
      active: true,
      retryScheduleMs: null,
      timeoutMs: null,
    })
    const own = String(created.headers.get('location'))
    expect(own).toBe(`${path}/${String(resource['id'])}`)

    const read = await tenant.call('GET', own)
    expect(read.body).toEqual(resource)
    const others = [read, await tenant.call('GET', path), await tenant.call('PATCH', own, { body: { active: false } })]
    for (const other of others) expect(other.text).not.toContain(String(secret))
  })

  test('a change is partial, and a change to what is there already leaves it untouched', async () => {
    const { id, secret: _, ...before } = await tenant.subscribe({ description: 'production' })
    const changed = await tenant.call('PATCH', `${path}/${id}`, { body: { timeoutMs: 5_000, description: null } })
    expect(changed).toMatchObject({
      status: 200,
      body: { ...before, timeoutMs: 5_000, description: null, updatedAt: expect.any(String) },
    })
    const same = await tenant.call('PATCH', `${path}/${id}`, { body: { timeoutMs: 5_000 } })
    expect(same.body).toEqual(changed.body)
  })

  test('delivery rules are set, changed and left to the profile again', async () => {
    const rules = {
      concurrency: 3,
      rateLimit: { perSecond: 0.5, burst: 2 },
      circuitBreaker: false,
      ordered: true,
      orderingKey: '/trader/id',
      whenStuck: 'skip',
    }
    const { id, ...created } = await tenant.subscribe(rules)
    expect(created).toMatchObject(rules)
    const own = `${path}/${id}`
    await tenant.call('PATCH', own, { body: { rateLimit: { perSecond: 100 }, concurrency: null } })
    expect((await tenant.call('GET', own)).body).toMatchObject({
      ...rules,
      concurrency: null,
      rateLimit: { perSecond: 100, burst: null },
    })
    const untouched = { concurrency: null, rateLimit: null, circuitBreaker: null, ordered: false, whenStuck: 'block' }
    expect(await tenant.subscribe()).toMatchObject(untouched)
  })

  test('one is paused, resumed, made inactive and enabled, and says so', async () => {
    const { id, ...created } = await tenant.subscribe()
    expect(created).toMatchObject({ status: 'active', disabledReason: null, disabledAt: null, consecutiveFailures: 0 })
    const statusAfter = async (action: string): Promise<unknown> => {
      const { status, body } = await tenant.call('POST', `${path}/${id}/${action}`)
      expect(status).toBe(200)
      return body['status']
    }
    expect(await statusAfter('pause')).toBe('paused')
    expect(await statusAfter('pause')).toBe('paused')
    expect(await statusAfter('resume')).toBe('active')
    await tenant.call('PATCH', `${path}/${id}`, { body: { active: false } })
    expect((await tenant.call('GET', `${path}/${id}`)).body).toMatchObject({ status: 'inactive', active: false })
    expect(await statusAfter('enable')).toBe('active')
    for (const action of ['pause', 'resume', 'enable'])
      expectProblem(await tenant.call('POST', `${path}/sub_none/${action}`), 404, 'subscription_not_found')
  })

  test('a deleted one is gone', async () => {
    const { id } = await tenant.subscribe()
    expect((await tenant.call('DELETE', `${path}/${id}`)).status).toBe(204)
    expectProblem(await tenant.call('GET', `${path}/${id}`), 404, 'subscription_not_found')
    expectProblem(await tenant.call('DELETE', `${path}/${id}`), 404, 'subscription_not_found')
  })

  test('a rotated secret is a new one', async () => {
    const { id, secret } = await tenant.subscribe()
    const rotated = await tenant.call('POST', `${path}/${id}/rotate-secret`)
    expect(rotated).toMatchObject({ status: 200, body: { id, secret: expect.stringMatching(/^lum_whsec_/) } })
    expect(rotated.body['secret']).not.toBe(secret)
  })

  test('the list comes in pages, in the order of creation', async () => {
    const other = await fixture.createTenant()
    const created: string[] = []
    for (let i = 0; i < 5; i++) created.push((await other.subscribe()).id)
    const listed: unknown[] = []
    let cursor = ''
    do {
      const { body } = await other.call('GET', `${path}?limit=2${cursor}`)
      listed.push(...(body.data ?? []).map(({ id }) => id))
      cursor = typeof body['nextCursor'] === 'string' ? `&cursor=${body['nextCursor']}` : ''
    } while (cursor !== '')
    expect(listed).toEqual(created)
  })

  test.each([
    ['a URL that is not one', { url: 'example.com' }, 'invalid_url', 'url'],
    ['another protocol', { url: 'ftp://example.com' }, 'invalid_url', 'url'],
    ['credentials in the URL', { url: 'https://me:secret@example.com' }, 'invalid_url', 'url'],
    ['no events', { events: [] }, 'invalid_request', 'events'],
    ['an event that nobody fires', { events: ['deposit.settled', 'deposit.lost'] }, 'unknown_event_type', 'events[1]'],
    ['an unknown field', { colour: 'red' }, 'invalid_request', 'colour'],
    ['a time-out out of range', { timeoutMs: 1 }, 'invalid_request', 'timeoutMs'],
    ['no concurrency', { concurrency: 0 }, 'invalid_request', 'concurrency'],
    ['a rate of nothing', { rateLimit: { perSecond: 0 } }, 'invalid_request', 'rateLimit.perSecond'],
    ['an ordering key that is no pointer', { orderingKey: 'user.id' }, 'invalid_request', 'orderingKey'],
  ])('%s is refused by create and update, naming the field', async (_name, change, code, field) => {
    const { id } = await tenant.subscribe()
    const whole = { url: 'https://example.com', events: ['deposit.settled'], ...change }
    for (const answer of [
      await tenant.call('POST', path, { body: whole }),
      await tenant.call('PATCH', `${path}/${id}`, { body: change }),
    ]) {
      expectProblem(answer, 422, code)
      expect(answer.body['errors']).toContainEqual({ field, message: expect.any(String) })
    }
  })

  test('what is not JSON, not declared as JSON or too large is refused', async () => {
    expectProblem(await tenant.call('POST', path, { raw: '{"url":' }), 400, 'invalid_json')
    expectProblem(
      await tenant.call('POST', path, { raw: '', headers: { 'content-type': 'application/json' } }),
      400,
      'invalid_json',
    )
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expectProblem(await tenant.call('POST', path, { raw: '{}', headers: form }), 415, 'unsupported_media_type')
    const large = { url: 'https://example.com', events: ['x'.repeat(2_000_000)] }
    expectProblem(await tenant.call('POST', path, { body: large }), 413, 'payload_too_large')
  })

  test('a POST without a body and without its length, as curl sends it, is fine', async () => {
    const { id } = await tenant.subscribe()
    const { hostname, port } = new URL(fixture.url)
    const socket = connect(Number(port), hostname)
    const answer = text(socket)
    socket.write(
      `POST ${path}/${id}/test HTTP/1.1\r\nHost: ${hostname}\r\nX-API-Key: ${tenant.key}\r\nConnection: close\r\n\r\n`,
    )
    expect(await answer).toMatch(/^HTTP\/1\.1 202 /)
  })

  test('routes without a body take what clients send all the same', async () => {
    const { id } = await tenant.subscribe()
    const json = { 'content-type': 'application/json' }
    expect((await tenant.call('POST', `${path}/${id}/test`, { raw: '', headers: json })).status).toBe(202)
    expect((await tenant.call('POST', `${path}/${id}/rotate-secret`, { raw: '', headers: json })).status).toBe(200)
    expect((await tenant.call('POST', `${path}/${id}/test`, { raw: '{}' })).status).toBe(202)
    expect((await tenant.call('DELETE', `${path}/${id}`, { raw: '', headers: json })).status).toBe(204)
  })
})

test('the catalogue is the one of the tenant’s profile', async () => {
  const { body } = await tenant.call('GET', '/v1/event-types')
  expect(body.data).toEqual(shippedProfiles.get('lumirecrm')?.eventTypes)
  expect(body.data).toHaveLength(21)
})

test('an address where nothing is gets a problem document', async () => {
  expectProblem(await tenant.call('GET', '/v1/nothing'), 404, 'not_found')
})

/** Their routes are listed in provider-routes.test.ts. */
const otherApis = new Set(['Apps', 'Secret links', 'Lucra', 'Lumin Sign', 'LumoAuth'])

describe('the API reference', () => {
  test('describes every route with its answers, and is served as a page', async () => {
    expect((await fixture.call('GET', '/docs')).text).toContain('swagger')
    const { body } = await fixture.call('GET', '/docs/json')
    const paths = body['paths'] as Record<
      string,
      Record<string, { summary?: string; tags?: string[]; responses: object }>
    >
    expect(body['openapi']).toBe('3.1.0')
    expect(
      Object.entries(paths)
        .flatMap(([at, methods]) =>
          Object.entries(methods).map(([method, { tags = [] }]) => ({ tag: tags[0] ?? '', route: `${method} ${at}` })),
        )
        .filter(({ tag }) => !otherApis.has(tag))
        .map(({ route }) => route)
        .toSorted(),
    ).toEqual([
      'delete /v1/tenants/{tenant}/keys/{id}',
      'delete /v1/webhooks/subscriptions/{id}',
      'get /v1/deliveries/{id}',
      'get /v1/event-types',
      'get /v1/events/rejected',
      'get /v1/events/{id}',
      'get /v1/events/{id}/deliveries',
      'get /v1/profiles',
      'get /v1/profiles/{name}',
      'get /v1/tenants',
      'get /v1/tenants/{tenant}',
      'get /v1/tenants/{tenant}/keys',
      'get /v1/webhooks/subscriptions',
      'get /v1/webhooks/subscriptions/{id}',
      'get /v1/webhooks/{id}/deliveries',
      'patch /v1/tenants/{tenant}',
      'patch /v1/webhooks/subscriptions/{id}',
      'post /v1/deliveries/{id}/replay',
      'post /v1/profiles',
      'post /v1/profiles/dry-run',
      'post /v1/tenants',
      'post /v1/tenants/{tenant}/keys',
      'post /v1/webhooks/subscriptions',
      'post /v1/webhooks/subscriptions/{id}/enable',
      'post /v1/webhooks/subscriptions/{id}/pause',
      'post /v1/webhooks/subscriptions/{id}/resume',
      'post /v1/webhooks/subscriptions/{id}/rotate-secret',
      'post /v1/webhooks/subscriptions/{id}/secret-link',
      'post /v1/webhooks/subscriptions/{id}/test',
      'put /v1/profiles/{name}',
    ])
    for (const route of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      expect(route).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] })
      const always = route.tags?.[0] === 'Secret links' ? ['503'] : ['401', '403', '503']
      expect(Object.keys(route.responses)).toEqual(expect.arrayContaining(always))
      expect(Object.keys(route.responses).some((status) => status.startsWith('2'))).toBe(true)
    }
  })
})

test('metrics tell what changed', async () => {
  const { text: metrics } = await fixture.call('GET', '/metrics')
  expect(metrics).toMatch(/jethook_config_changes_total\{type="SubscriptionCreated"\} [1-9]/)
  expect(metrics).toContain('jethook_database_up 1')
})
