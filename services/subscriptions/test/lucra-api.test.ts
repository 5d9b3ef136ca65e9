import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send, startSubscriptions, type Answer, type Fixture, type TenantFixture } from './start-subscriptions.ts'

const path = '/api/rest/webhook/configs'
const config = {
  subscriptions: ['UserSignedUp', 'FundsDeposited'],
  url: 'https://your-domain.com/webhooks/lucra',
  name: 'Production Webhook',
  description: 'Main webhook endpoint',
  active: true,
  customHeaders: { 'X-Custom-Header': 'value' },
  expiresAt: '2100-12-31T23:59:59Z',
}

let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant('lucra')
})
afterAll(() => fixture?.dispose())

const call = (method: string, suffix = '', body?: unknown, of = tenant): Promise<Answer> =>
  fixture.call(method, `${path}${suffix}`, {
    headers: { 'X-Lucra-Api-Key': of.key },
    ...(body !== undefined && { body }),
  })

describe('configurations', () => {
  test('are created, read, changed and deleted', async () => {
    const { status, headers, body } = await call('POST', '', config)
    expect(status).toBe(201)
    const { secretLink, id, createdAt, updatedAt, ...shown } = body
    expect(shown).toEqual({
      ...config,
      customHeaders: { 'X-Custom-Header': '•••' },
      expiresAt: '2100-12-31T23:59:59.000Z',
    })
    expect(secretLink).toMatchObject({ url: expect.stringContaining('/secret-links/') })
    expect(headers.get('location')).toBe(`${path}/${String(id)}`)

    const stored = { ...shown, id, createdAt, updatedAt }
    expect((await call('GET', `/${String(id)}`)).body).toEqual(stored)
    expect((await call('GET')).body).toEqual({ data: [stored], nextCursor: null })

    expect((await call('PUT', `/${String(id)}`, stored)).body).toEqual(stored)
    const changed = await call('PUT', `/${String(id)}`, { active: false, expiresAt: null })
    expect(changed.body).toEqual({ ...stored, active: false, expiresAt: null, updatedAt: changed.body['updatedAt'] })

    expect((await call('DELETE', `/${String(id)}`)).status).toBe(204)
    expect((await call('GET', `/${String(id)}`)).body).toMatchObject({ status: 404, code: 'subscription_not_found' })
  })

  test.each([
    ['an object', { 'X-A': '1' }, { 'X-A': '•••' }],
    ['JSON text', '{"x-sample-header":"sample-value"}', { 'x-sample-header': '•••' }],
    ['an empty string', '', {}],
    ['nothing', undefined, {}],
  ])('custom headers may be %s', async (_name, customHeaders, expected) => {
    const { body } = await call('POST', '', { ...config, customHeaders })
    expect(body['customHeaders']).toEqual(expected)
    await call('DELETE', `/${String(body['id'])}`)
  })
})

test('a missing key is asked for in the header of this API', async () => {
  expect((await fixture.call('GET', path)).body).toMatchObject({
    code: 'invalid_api_key',
    detail: 'Send an API key in the header X-Lucra-Api-Key, or as Authorization: Bearer.',
  })
})

describe('bad input', () => {
  const header = (name: string, value = 'x') => ({ customHeaders: { [name]: value } })
  test.each<[string, Record<string, unknown>, string, string]>([
    ['an http URL', { url: 'http://example.com' }, 'invalid_url', 'url'],
    ['an unknown event', { subscriptions: ['UserSignedUp', 'NoSuch'] }, 'unknown_event_type', 'subscriptions[1]'],
    ['a pattern', { subscriptions: ['*'] }, 'unknown_event_type', 'subscriptions[0]'],
    ['no event', { subscriptions: [] }, 'invalid_request', 'subscriptions'],
    ['a time that is over', { expiresAt: '2025-12-31T23:59:59Z' }, 'invalid_expiry', 'expiresAt'],
    ['a time that is none', { expiresAt: 'tomorrow' }, 'invalid_request', 'expiresAt'],
    ['a time of no year', { expiresAt: '9999-12-31T23:00:00-02:00' }, 'invalid_request', 'expiresAt'],
    ['a header with a line break', header('X-A', 'a\r\nX-B: b'), 'invalid_header', 'customHeaders.X-A'],
    ['a header with NUL', header('X-A', 'a\0'), 'invalid_header', 'customHeaders.X-A'],
    ['a header name with a line break', header('X-A\r\nX-B'), 'invalid_header', 'customHeaders.X-A\r\nX-B'],
    ['the signature', header('x-lucra-signature'), 'invalid_header', 'customHeaders.x-lucra-signature'],
    ['Content-Type', header('Content-Type'), 'invalid_header', 'customHeaders.Content-Type'],
    ['User-Agent', header('User-Agent'), 'invalid_header', 'customHeaders.User-Agent'],
    ['Host', header('Host'), 'invalid_header', 'customHeaders.Host'],
    ['Content-Length', header('content-length', '3'), 'invalid_header', 'customHeaders.content-length'],
    ['Transfer-Encoding', header('Transfer-Encoding'), 'invalid_header', 'customHeaders.Transfer-Encoding'],
    ['Connection', header('Connection'), 'invalid_header', 'customHeaders.Connection'],
    ['traceparent', header('Traceparent'), 'invalid_header', 'customHeaders.Traceparent'],
    ['the same header twice', { customHeaders: { A: '1', a: '2' } }, 'invalid_header', 'customHeaders'],
    ['text that is not JSON', { customHeaders: '{' }, 'invalid_header', 'customHeaders'],
    ['JSON text of something else', { customHeaders: '[1]' }, 'invalid_request', 'customHeaders'],
    ['an unknown field', { colour: 'red' }, 'invalid_request', 'colour'],
  ])('%s is refused by create and update with 422, naming the field', async (_name, change, code, field) => {
    const { body: created } = await call('POST', '', config)
    for (const [method, suffix] of [
      ['POST', ''],
      ['PUT', `/${String(created['id'])}`],
    ] as const) {
      const { status, body } = await call(method, suffix, { ...config, ...change })
      expect(body).toMatchObject({ status: 422, code, errors: [expect.objectContaining({ field })] })
      expect(status).toBe(422)
    }
    await call('DELETE', `/${String(created['id'])}`)
  })
})

describe('who may use it', () => {
  test('a key of a tenant of another profile is told which API it has', async () => {
    const other = await fixture.createTenant('lumirecrm')
    const { status, body } = await call('GET', '', undefined, other)
    expect(status).toBe(403)
    expect(body['code']).toBe('other_api')
    expect(body['detail']).toBe(
      `This is the API of the profile lucra; the tenant ${other.id} has the profile lumirecrm. Every tenant has the API under /v1: see /docs.`,
    )
  })

  test('support reads, publishers do nothing, wrong keys are unknown', async () => {
    const statuses = async (key: string): Promise<number[]> => {
      const headers = { 'X-Lucra-Api-Key': key }
      const answers = [
        await fixture.call('GET', path, { headers }),
        await fixture.call('POST', path, { headers, body: { ...config, url: 'http://' } }),
      ]
      return answers.map(({ status }) => status)
    }
    expect(await statuses(await tenant.createKey('support'))).toEqual([200, 403])
    expect(await statuses(await tenant.createKey('publisher'))).toEqual([403, 403])
    expect(await statuses('wrong')).toEqual([401, 401])
    expect(await statuses(fixture.operatorKey)).toEqual([403, 403])
  })

  test('the general API works too, under the same rules, and does not show the secret either', async () => {
    const general = '/v1/webhooks/subscriptions'
    const wanted = { url: 'https://example.com', events: ['UserSignedUp'] }
    const created = await tenant.call('POST', general, { body: wanted })
    expect(created.status).toBe(201)
    expect(created.body).not.toHaveProperty('secret')
    expect(created.body).toHaveProperty('secretLink')
    const plain = await tenant.call('POST', general, { body: { ...wanted, url: 'http://example.com' } })
    expect(plain.body).toMatchObject({ status: 422, code: 'invalid_url' })
    await tenant.call('DELETE', `${general}/${String(created.body['id'])}`)
  })
})

describe('limits', () => {
  test('of 50 simultaneous creates through two replicas, 5 succeed, and one alone gets C2CWithdrawal', async () => {
    const own = await fixture.createTenant('lucra')
    const replica = await fixture.startReplica()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        send(`${index % 2 ? fixture.url : replica.url}${path}`, 'POST', {
          key: own.key,
          body: { ...config, subscriptions: index % 3 ? ['UserSignedUp'] : ['C2CWithdrawal'] },
        }),
      ),
    )
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(45)
    const codes = new Set(refused.map(({ body }) => body['code']))
    expect(codes.difference(new Set(['subscription_limit_reached', 'event_type_taken']))).toEqual(new Set())
    const { data = [] } = (await call('GET', '', undefined, own)).body
    expect(data).toHaveLength(5)
    const holders = data.filter(({ subscriptions }) => (subscriptions as string[]).includes('C2CWithdrawal'))
    expect(holders.length).toBeLessThanOrEqual(1)
  })

  test('of 50 simultaneous creates with C2CWithdrawal through two replicas, one succeeds', async () => {
    const own = await fixture.createTenant('lucra')
    const replica = await fixture.startReplica()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        send(`${index % 2 ? fixture.url : replica.url}${path}`, 'POST', {
          key: own.key,
          body: { ...config, subscriptions: ['C2CWithdrawal'] },
        }),
      ),
    )
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(49)
    for (const { body } of refused)
      expect(body).toMatchObject({
        status: 409,
        code: 'event_type_taken',
        errors: [expect.objectContaining({ field: 'subscriptions[0]' })],
      })
  })

  test('a sixth configuration is refused until one is deleted', async () => {
    const own = await fixture.createTenant('lucra')
    const ids: unknown[] = []
    for (let n = 0; n < 5; n++) ids.push((await call('POST', '', config, own)).body['id'])
    const sixth = await call('POST', '', config, own)
    expect(sixth.body).toMatchObject({
      status: 409,
      code: 'subscription_limit_reached',
      detail: 'This account has 5 of at most 5 webhooks. Delete one, or change one, instead of adding another.',
    })
    await call('DELETE', `/${String(ids[0])}`, undefined, own)
    expect((await call('POST', '', config, own)).status).toBe(201)
  })

  test('C2CWithdrawal moves from one configuration to another, also from an inactive one', async () => {
    const own = await fixture.createTenant('lucra')
    const withdrawals = { ...config, subscriptions: ['C2CWithdrawal'], active: false }
    const first = String((await call('POST', '', withdrawals, own)).body['id'])
    const second = (await call('POST', '', config, own)).body['id']
    const taken = await call('PUT', `/${String(second)}`, { subscriptions: ['C2CWithdrawal'] }, own)
    expect(taken.body).toMatchObject({ status: 409, code: 'event_type_taken' })
    expect(taken.body['detail']).toContain(first)
    // To keep it is no conflict with oneself.
    const kept = await call('PUT', `/${first}`, { subscriptions: ['UserSignedUp', 'C2CWithdrawal'] }, own)
    expect(kept.status).toBe(200)
    await call('PUT', `/${first}`, { subscriptions: ['UserSignedUp'] }, own)
    expect((await call('PUT', `/${String(second)}`, { subscriptions: ['C2CWithdrawal'] }, own)).status).toBe(200)
  })
})
