import { createHmac, randomBytes } from 'node:crypto'
import { Configuration, createSecretBox, secretOwner } from '@jethook/configuration'
import { defaultDeliveryRules, Profile, type DomainEvent, type ProfileDocument } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { createPrepareSubscription } from './prepare-subscription.ts'

const about = { tenant: 'acme', at: 0, by: 'operator' } as const
const secrets = createSecretBox(`k1:${randomBytes(32).toString('base64')}`)
const payload = Buffer.from('{}')
const facts = {
  tenant: 'acme',
  eventId: 'evt_1',
  eventType: 'order.paid',
  eventTimeMs: 0,
  deliveryId: 'dlv_1',
  attempt: 1,
  nowMs: 1_000,
  payload,
}

const documentSignedWith = (key: 'subscription' | 'account' | 'app', changes: Partial<ProfileDocument> = {}): Profile =>
  Profile.parse({
    name: 'mine',
    eventTypes: [{ name: 'order.paid' }],
    signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex', key, separator: ',' }],
    ...changes,
  })

/** A tenant with a subscription, and what its requests look like after more has happened. */
function given(document: Profile, appId: string | null = null) {
  const configuration = new Configuration()
  const apply = (...events: DomainEvent[]): void => {
    for (const event of events) configuration.apply(event, configuration.sequence + 1)
  }
  apply(
    { type: 'TenantCreated', ...about, name: '', profile: 'mine' },
    { type: 'ProfileCreated', ...about, name: 'mine', document },
    {
      type: 'SubscriptionCreated',
      ...about,
      subscriptionId: 'sub_1',
      secret: sealed('subscription', 'sub_1', 'first'),
      settings: {
        url: 'https://example.com/a?b=c',
        events: ['*'],
        description: null,
        active: true,
        retryScheduleMs: null,
        timeoutMs: null,
        appId,
        ...defaultDeliveryRules,
      },
    },
  )
  const prepare = createPrepareSubscription(configuration, secrets)
  const prepared = () => prepare(configuration.subscription('acme', 'sub_1') ?? expect.fail('it is not there'))
  return { apply, prepared, headers: (nowMs = 1_000) => prepared().render({ ...facts, nowMs }).headers }
}

const sealed = (owner: keyof typeof secretOwner, id: string, text: string) =>
  secrets.encrypt(text, secretOwner[owner]('acme', id))
const signed = (...texts: string[]): string =>
  texts.map((text) => createHmac('sha256', text).update(payload).digest('hex')).join(',')
const key = (keyId: string): DomainEvent => ({
  type: 'ApiKeyCreated',
  ...about,
  keyId,
  name: '',
  role: 'owner',
  hash: keyId,
  hint: '',
  primary: sealed('apiKey', keyId, `key ${keyId}`),
})

test('it is prepared once, and again when the profile is another one', () => {
  const { apply, prepared, headers } = given(documentSignedWith('subscription'))
  const before = prepared()
  expect(prepared()).toBe(before)
  const document = documentSignedWith('subscription', { headers: { 'X-New': 'yes' }, timeoutMs: 5_000 })
  apply({ type: 'ProfileUpdated', ...about, name: 'mine', document })
  expect(headers()).toMatchObject({ 'x-new': 'yes', 'x-signature': signed('first') })
  expect(prepared()).toMatchObject({ timeoutMs: 5_000, destination: { origin: 'https://example.com', path: '/a?b=c' } })
})

test('a replaced secret signs along until its time is over', () => {
  const { apply, headers } = given(documentSignedWith('subscription'))
  const secret = sealed('subscription', 'sub_1', 'second')
  apply({ type: 'SubscriptionSecretRotated', ...about, subscriptionId: 'sub_1', secret, previousUntil: 2_000 })
  expect(headers(1_999)['x-signature']).toBe(signed('second', 'first'))
  expect(headers(2_000)['x-signature']).toBe(signed('second'))
})

test("with the account's key nothing is sent until there is one, and the next one signs as soon as it is there", () => {
  const { apply, headers } = given(documentSignedWith('account'))
  expect(headers).toThrow("signs with the tenant's primary API key, and there is none")
  apply(key('a'))
  expect(headers()['x-signature']).toBe(signed('key a'))
  apply(key('b'))
  expect(headers()['x-signature']).toBe(signed('key b'))
  apply({ type: 'ApiKeyRevoked', ...about, keyId: 'b' })
  expect(headers).toThrow('there is none')
})

test.each([
  ['the profile itself', documentSignedWith('account'), 'standard'],
  ['a further one', documentSignedWith('subscription'), 'lumin-sign'],
])('nothing is sent without the key of %s, though the other one could sign', (_name, document, other) => {
  const { apply, headers } = given(document)
  apply({ type: 'SubscriptionUpdated', ...about, subscriptionId: 'sub_1', changes: { alsoSignAs: [other] } }, key('a'))
  expect(headers()['x-signature']).toBeDefined()
  apply({ type: 'ApiKeyRevoked', ...about, keyId: 'a' })
  expect(headers).toThrow("signs with the tenant's primary API key")
})

test("a subscription of an app is signed for with the app's secret, never with the account's key", () => {
  const [account, app] = [documentSignedWith('account'), documentSignedWith('app')].flatMap(
    ({ signatures }) => signatures,
  )
  const document = { ...documentSignedWith('account'), signatures: [account, app] } as Profile
  const { apply, headers } = given(document, 'app_1')
  apply(key('a'))
  expect(headers).toThrow("the signing secret of the subscription's app")
  const secret = sealed('app', 'app_1', 'app secret')
  apply({ type: 'AppCreated', ...about, appId: 'app_1', name: '', secret, scopes: [] })
  expect(headers()['x-signature']).toBe(signed('app secret'))
})

test('a tenant whose profile nobody knows is said so', () => {
  const { apply, prepared } = given(documentSignedWith('subscription'))
  apply({ type: 'TenantUpdated', ...about, changes: { profile: 'of-a-newer-version' } })
  expect(prepared).toThrow('The tenant acme has the profile "of-a-newer-version", which this dispatcher does not know.')
})

test('what a subscription may have is what it says, and what its profile says where it says nothing', () => {
  const document = documentSignedWith('subscription', {
    timeoutMs: 5_000,
    retry: { delaysMs: [1_000] },
    concurrency: 3,
    rateLimit: { perSecond: 20 },
    circuitBreaker: false,
  })
  const { apply, prepared } = given(document)
  const ofProfile = { concurrency: 3, rateLimit: { perSecond: 20, burst: null }, circuitBreaker: false }
  expect(prepared()).toMatchObject({ timeoutMs: 5_000, retry: { delaysMs: [1_000] }, rules: ofProfile })

  const changes = { concurrency: 1, rateLimit: { perSecond: 0.5, burst: 2 }, circuitBreaker: true }
  const update = (settings: object): void =>
    apply({ type: 'SubscriptionUpdated', ...about, subscriptionId: 'sub_1', changes: settings })
  update({ ...changes, timeoutMs: 60_000, retryScheduleMs: [] })
  expect(prepared()).toMatchObject({ timeoutMs: 60_000, retry: { delaysMs: [] }, rules: changes })

  update({ concurrency: null, rateLimit: null, circuitBreaker: null, timeoutMs: null, retryScheduleMs: null })
  expect(prepared()).toMatchObject({ timeoutMs: 5_000, retry: { delaysMs: [1_000] }, rules: ofProfile })
})
