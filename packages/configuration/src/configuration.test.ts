import { defaultDeliveryRules, EncryptedSecret, Profile, sharedOwner, type DomainEvent } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'
import { describe, expect, test } from 'vitest'
import { Configuration } from './configuration.ts'

const about = { tenant: 'acme', at: 1_000, by: 'operator' } as const
const secret = (text: string) => EncryptedSecret.parse(`k1.${text}`)

const documentNamed = (name: string, description = ''): Profile =>
  Profile.parse({
    name,
    description,
    eventTypes: [{ name: 'order.paid' }],
    signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }],
    apiKey: { header: `X-${name}-Key` },
  })
const written = (owner: string, document: Profile, type: 'ProfileCreated' | 'ProfileUpdated' = 'ProfileCreated') =>
  ({ ...about, type, tenant: owner, name: document.name, document }) satisfies DomainEvent

const tenantWith = (profile: string): DomainEvent => ({ type: 'TenantCreated', ...about, name: 'Acme', profile })

function folded(...events: DomainEvent[]): Configuration {
  const configuration = new Configuration()
  for (const [index, event] of events.entries()) configuration.apply(event, index + 1)
  return configuration
}

describe('the profile of a tenant', () => {
  const own = documentNamed('mine', 'own')
  const shared = documentNamed('mine', 'shared')

  test.each([
    ['its own, before a shared one', [written(sharedOwner, shared), written('acme', own)], own],
    ["the operator's, which all may have", [written(sharedOwner, shared), written('other', own)], shared],
    ['none that another tenant wrote', [written('other', own)], undefined],
  ])('is %s', (_what, events, expected) => {
    expect(folded(tenantWith('mine'), ...events).profileOf('acme')).toBe(expected)
  })

  test('is a shipped one when nobody wrote one of this name', () => {
    expect(folded(tenantWith('standard')).profileOf('acme')).toBe(shippedProfiles.get('standard'))
  })

  test('is another object after it was changed, and another profile after the tenant was moved', () => {
    const configuration = folded(tenantWith('mine'), written('acme', own))
    configuration.apply(written('acme', shared, 'ProfileUpdated'), 3)
    expect(configuration.profileOf('acme')).toBe(shared)
    expect(configuration.profiles('acme').get('mine')).toMatchObject({ createdAt: 1_000, owner: 'acme' })
    configuration.apply({ type: 'TenantUpdated', ...about, changes: { profile: 'lucra' } }, 4)
    expect(configuration.profileOf('acme')?.name).toBe('lucra')
    expect(configuration.tenant('acme')?.name).toBe('Acme')
  })

  test('lends its name to the list, and its header to those that may hold keys', () => {
    const configuration = folded(written(sharedOwner, documentNamed('ours')), written('acme', own))
    expect(configuration.profileNames('acme')).toEqual([...shippedProfiles.keys(), 'mine', 'ours'])
    expect(configuration.profileNames('other')).not.toContain('mine')
    expect([...configuration.keyHeaders]).toEqual(expect.arrayContaining(['x-lucra-api-key', 'x-mine-key']))
    expect(configuration.tenants()).toEqual([])
  })
})

describe('the primary key of an account', () => {
  const created = (keyId: string, isPrimary: boolean): DomainEvent => ({
    type: 'ApiKeyCreated',
    ...about,
    keyId,
    name: keyId,
    role: 'owner',
    hash: keyId,
    hint: '',
    ...(isPrimary && { primary: secret(keyId) }),
  })
  const revoked = (keyId: string): DomainEvent => ({ type: 'ApiKeyRevoked', ...about, keyId })

  test.each([
    ['none', [created('a', false)], undefined],
    ['the one made primary', [created('a', true), created('b', false)], 'a'],
    ['the latest made primary', [created('a', true), created('b', true)], 'b'],
    ['the latest, also when the one before it is revoked', [created('a', true), created('b', true), revoked('a')], 'b'],
    ['none when it was revoked', [created('a', true), created('b', true), revoked('b')], undefined],
  ])('is %s', (_what, events, expected) => {
    expect(folded(tenantWith('lumin-sign'), ...events).primaryKey('acme')?.id).toBe(expected)
  })
})

describe('apps', () => {
  const app: DomainEvent = {
    type: 'AppCreated',
    ...about,
    appId: 'app_1',
    name: 'App',
    secret: secret('a'),
    scopes: ['read'],
  }
  const granted = (userId: string, scopes: string[]): DomainEvent => ({
    type: 'AppGranted',
    ...about,
    appId: 'app_1',
    userId,
    scopes,
  })
  const scopesOf = (configuration: Configuration, userId: string): string[] => [
    ...configuration.grantedScopes('acme', 'app_1', userId),
  ]

  test('have what users grant them, until it is taken back or the app is gone', () => {
    const configuration = folded(app, granted('u1', ['read']), granted('u2', ['read', 'write']))
    expect([scopesOf(configuration, 'u1'), scopesOf(configuration, 'u3')]).toEqual([['read'], []])
    configuration.apply(granted('u1', []), 4)
    expect(scopesOf(configuration, 'u1')).toEqual([])
    configuration.apply({ type: 'AppDeleted', ...about, appId: 'app_1' }, 5)
    expect(scopesOf(configuration, 'u2')).toEqual([])
    expect(configuration.app('acme', 'app_1')).toBeUndefined()
    configuration.apply(granted('u2', ['read']), 6)
    expect(scopesOf(configuration, 'u2')).toEqual([])
  })

  test('keep the secret before the last one as long as it signs along', () => {
    const rotated = { type: 'AppSecretRotated', ...about, appId: 'app_1', secret: secret('b') } as const
    const configuration = folded(app, { ...rotated, previousUntil: 5_000 })
    expect(configuration.app('acme', 'app_1')).toMatchObject({
      secret: secret('b'),
      previousSecret: { secret: secret('a'), until: 5_000 },
    })
    configuration.apply({ ...rotated, secret: secret('c') }, 3)
    expect(configuration.app('acme', 'app_1')?.previousSecret).toBeUndefined()
  })
})

test('what failed counts from when a subscription was made active, or got another URL', () => {
  const subscription = { ...about, subscriptionId: 'sub_1' }
  const choice = { events: ['*'], description: null, active: true, retryScheduleMs: null, timeoutMs: null }
  const settings = { ...defaultDeliveryRules, ...choice, url: 'https://one.example' }
  const changed = (at: number, changes: object): DomainEvent => ({
    type: 'SubscriptionUpdated',
    ...subscription,
    at,
    changes,
  })
  const configuration = folded({ type: 'SubscriptionCreated', ...subscription, settings, secret: secret('a') })
  const since = (): number | undefined => configuration.subscription('acme', 'sub_1')?.activeSince
  configuration.apply(changed(2_000, { description: 'x', url: 'https://one.example' }), 2)
  expect(since()).toBe(1_000)
  configuration.apply(changed(3_000, { url: 'https://two.example' }), 3)
  expect(since()).toBe(3_000)
  configuration.apply(changed(4_000, { active: true }), 4)
  expect(since()).toBe(4_000)
})
