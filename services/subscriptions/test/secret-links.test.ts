import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { send, startSubscriptions, type Body, type Fixture, type TenantFixture } from './start-subscriptions.ts'

const path = '/api/rest/webhook/configs'

let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
})
afterAll(() => fixture?.dispose())

interface Config extends Body {
  readonly id: string
  readonly secretLink: { readonly url: string; readonly expiresAt: string }
}

async function createConfig(): Promise<Config> {
  tenant = await fixture.createTenant('lucra')
  const body = { subscriptions: ['UserSignedUp'], url: 'https://example.com' }
  return (await tenant.call('POST', path, { body })).body as Config
}

const asBrowser = { headers: { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' } }

describe('a link to a secret', () => {
  test('is for three days, and not in the store: there is only a hash of it', async () => {
    const { id, secretLink } = await createConfig()
    const hours = (Date.parse(secretLink.expiresAt) - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(71.9)
    expect(hours).toBeLessThanOrEqual(72)
    const stored = (await fixture.storedConfig()).find((event) => event.includes(id)) ?? ''
    expect(stored).toContain('"tokenHash"')
    expect(stored).not.toContain(secretLink.url.split('/').at(-1))
  })

  test('is looked at any number of times, and shows the secret once', async () => {
    const { id, secretLink } = await createConfig()
    for (let n = 0; n < 3; n++) {
      const look = await send(secretLink.url, 'GET')
      expect(look.status).toBe(200)
      expect(look.body).toEqual({ expiresAt: secretLink.expiresAt })
    }
    await send(secretLink.url, 'HEAD')
    const shown = await send(secretLink.url, 'POST')
    expect(shown.body).toEqual({ secret: expect.stringMatching(/^lucra_whsec_[0-9a-f]{64}$/) })
    expect(shown.headers.get('cache-control')).toBe('no-store')
    for (const method of ['GET', 'POST']) {
      const again = await send(secretLink.url, method)
      expect(again.body).toMatchObject({ status: 410, code: 'secret_link_used' })
      expect(again.text).not.toContain(String(shown.body['secret']))
    }
    const events = (await fixture.storedConfig()).filter((event) => event.includes(id))
    expect(events.map((event) => (JSON.parse(event) as { type: string }).type)).toEqual([
      'SubscriptionCreated',
      'SecretLinkUsed',
    ])
  })

  test('is a page with a button for people, then one with the secret, then one that says that it was used', async () => {
    const { secretLink } = await createConfig()
    const cover = await send(secretLink.url, 'GET', asBrowser)
    expect(cover.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(cover.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(cover.headers.get('referrer-policy')).toBe('no-referrer')
    expect(cover.text).toContain('<form method="post"><button type="submit">')
    const shown = await send(secretLink.url, 'POST', {
      headers: { ...asBrowser.headers, 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(shown.text).toMatch(/<code>lucra_whsec_[0-9a-f]{64}<\/code>/)
    const used = await send(secretLink.url, 'GET', asBrowser)
    expect(used.status).toBe(410)
    expect(used.text).toContain('The link was used')
  })

  test('used by 20 at the same time, through two replicas, shows the secret to one', async () => {
    const { secretLink } = await createConfig()
    const replica = await fixture.startReplica()
    const other = secretLink.url.replace(fixture.url, replica.url)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send(index % 2 ? secretLink.url : other, 'POST')),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status, body }) => status === 410 && body['code'] === 'secret_link_used')).toHaveLength(19)
  })

  test('that nobody made is not there', async () => {
    for (const method of ['GET', 'POST'])
      expect((await send(`${fixture.url}/secret-links/invented`, method)).body).toMatchObject({
        status: 404,
        code: 'secret_link_not_found',
      })
  })

  test('ends with its subscription', async () => {
    const { id, secretLink } = await createConfig()
    await tenant.call('DELETE', `${path}/${id}`)
    expect((await send(secretLink.url, 'POST')).body).toMatchObject({ status: 404, code: 'secret_link_not_found' })
  })

  test('is replaced by a new one until it was used; then only a rotation helps', async () => {
    const { id, secretLink } = await createConfig()
    const renewed = await tenant.call('POST', `${path}/${id}/secret-link`)
    expect(renewed.status).toBe(201)
    expect((await send(secretLink.url, 'POST')).body).toMatchObject({ status: 410, code: 'secret_link_expired' })
    const { secret } = (await send(String(renewed.body['url']), 'POST')).body
    expect(secret).toMatch(/^lucra_whsec_/)
    expect((await tenant.call('POST', `${path}/${id}/secret-link`)).body).toMatchObject({
      status: 410,
      code: 'secret_link_used',
      detail: 'The secret was shown already. Rotate it to get a new one.',
    })
    const rotated = (await tenant.call('POST', `${path}/${id}/rotate-secret`)).body as Config
    const next = (await send(rotated.secretLink.url, 'POST')).body['secret']
    expect(next).toMatch(/^lucra_whsec_/)
    expect(next).not.toBe(secret)
  })

  test('of a profile that shows secrets in answers cannot be made', async () => {
    const lumire = await fixture.createTenant()
    const { id } = await lumire.subscribe()
    const { body } = await lumire.call('POST', `/v1/webhooks/subscriptions/${id}/secret-link`)
    expect(body).toMatchObject({ status: 404, code: 'secret_link_not_found' })
  })
})

test('an expired link says so, and a new one can be made', async () => {
  const hasty = await startSubscriptions(undefined, { SECRET_LINK_HOURS: String(50 / 3_600_000) })
  try {
    const own = await hasty.createTenant('lucra')
    const body = { subscriptions: ['UserSignedUp'], url: 'https://example.com' }
    const created = (await own.call('POST', path, { body })).body as Config
    const expired = await waitFor(async () => {
      const answer = await send(created.secretLink.url, 'GET')
      return answer.status === 410 && answer
    })
    expect(expired.body).toMatchObject({
      code: 'secret_link_expired',
      detail: 'This link has expired. Ask for a new one.',
    })
    expect((await send(created.secretLink.url, 'POST')).body).toMatchObject({
      status: 410,
      code: 'secret_link_expired',
    })
    expect((await own.call('POST', `${path}/${created.id}/secret-link`)).status).toBe(201)
  } finally {
    await hasty.dispose()
  }
})

test('links begin with PUBLIC_URL where it is set', async () => {
  const behindProxy = await startSubscriptions(undefined, { PUBLIC_URL: 'https://hooks.example.com/' })
  try {
    const own = await behindProxy.createTenant('lucra')
    const body = { subscriptions: ['UserSignedUp'], url: 'https://example.com' }
    const { secretLink } = (await own.call('POST', path, { body })).body as Config
    expect(secretLink.url).toMatch(/^https:\/\/hooks\.example\.com\/secret-links\/[\w-]{43}$/)
  } finally {
    await behindProxy.dispose()
  }
})
