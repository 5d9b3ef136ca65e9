import type { DomainEvent } from '@jethook/contracts'
import { describe, test } from 'vitest'
import { command, given, secret, settings, tenantCreated } from '../../test/given.ts'
import { createSubscription } from './create-subscription.ts'
import { updateSubscription } from './update-subscription.ts'

const tenantWith = (profile: string): DomainEvent => ({ ...tenantCreated, profile }) as DomainEvent
const created = (id: string, changes: object = {}): DomainEvent => ({
  type: 'SubscriptionCreated',
  ...command,
  subscriptionId: id,
  settings: { ...settings, events: ['UserSignedUp'], ...changes },
  secret,
})
const create = (changes: object = {}) => ({
  ...command,
  subscriptionId: 'sub_new',
  settings: { url: 'https://example.com', events: ['UserSignedUp'], ...changes },
  secret,
})
const lucra = tenantWith('lucra')

describe('limits', () => {
  const five = ['1', '2', '3', '4', '5'].map((n) => created(`sub_${n}`))

  test('a sixth subscription is refused, where the profile allows five', () => {
    given(lucra, ...five)
      .when(createSubscription, create())
      .fails({
        code: 'subscription_limit_reached',
        message: 'This account has 5 of at most 5 webhooks. Delete one, or change one, instead of adding another.',
      })
  })

  test('webhooks of apps are not counted', () => {
    const account = created('sub_1', { events: ['*'] })
    const ofApp = create({ events: ['*'], appId: 'app_1' })
    const { when } = given(tenantWith('lumin-sign'), account, created('sub_2', { events: ['*'], appId: 'app_2' }))
    when(createSubscription, create({ events: ['*'] })).fails({ code: 'subscription_limit_reached' })
    const unset = { description: null, active: true, retryScheduleMs: null, timeoutMs: null }
    when(createSubscription, ofApp).happens({
      type: 'SubscriptionCreated',
      ...ofApp,
      settings: { ...settings, ...unset, ...ofApp.settings },
    })
  })
})

describe('event types that only one subscription may have', () => {
  const holder = created('sub_1', { events: ['C2CWithdrawal'], active: false })

  test('are refused to another one, by create and by update', () => {
    const { when } = given(lucra, holder, created('sub_2'))
    const problem = {
      code: 'event_type_taken',
      message: 'events[1]: C2CWithdrawal can only be in one subscription at a time, and is in sub_1.',
    } as const
    const events = ['UserSignedUp', 'C2CWithdrawal']
    when(createSubscription, create({ events })).fails(problem)
    when(updateSubscription, { ...command, subscriptionId: 'sub_2', changes: { events } }).fails(problem)
  })

  test('stay with the one that has them', () => {
    const changes = { events: ['C2CWithdrawal', 'FundsDeposited'] }
    given(lucra, holder)
      .when(updateSubscription, { ...command, subscriptionId: 'sub_1', changes })
      .happens({ type: 'SubscriptionUpdated', ...command, subscriptionId: 'sub_1', changes })
  })
})

describe('what profiles choose events by', () => {
  test.each([
    ['lumoauth', ['*']],
    ['lumoauth', ['user.*', 'auth.mfa.*', 'token.issued']],
    ['lumoauth', ['webhook.disabled']],
    ['lumirecrm', ['webhook.failing', 'deposit.settled']],
    ['standard', ['anything.at.all', 'some.*', '*']],
    ['lumin-sign', ['*']],
  ])('%s: %j is a choice', (profile, events) => {
    const expected = { ...settings, url: 'https://example.com', events }
    given(tenantWith(profile))
      .when(createSubscription, create({ events }))
      .happens({ type: 'SubscriptionCreated', ...create(), settings: expected })
  })

  test.each([
    ['lumoauth', ['users.*'], 'unknown_event_type'],
    ['lumoauth', ['user*'], 'unknown_event_type'],
    ['lumoauth', ['*.created'], 'unknown_event_type'],
    ['lumoauth', [''], 'unknown_event_type'],
    ['lumirecrm', ['*'], 'unknown_event_type'],
    ['lumirecrm', ['webhook.test'], 'unknown_event_type'],
    ['standard', ['a..b'], 'unknown_event_type'],
    ['lumin-sign', ['signature_request_sent'], 'invalid_request'],
    ['lumin-sign', ['*', 'webhook.disabled'], 'invalid_request'],
  ] as const)('%s: %j is none', (profile, events, code) => {
    given(tenantWith(profile)).when(createSubscription, create({ events })).fails({ code })
  })
})

describe('other rules of the profile', () => {
  const oauth2 = {
    type: 'oauth2',
    tokenUrl: 'https://id.example.com/token',
    clientId: 'id',
    clientSecret: secret,
    clientAuthentication: 'basic',
    scope: null,
    audience: null,
  } as const

  test.each([
    ['an http URL', { url: 'http://example.com' }, 'invalid_url', 'url: must be an https URL.'],
    [
      'a client secret sent by http',
      { authentication: { ...oauth2, tokenUrl: 'http://id.example.com/token' } },
      'invalid_url',
      'authentication.tokenUrl: must be an https URL.',
    ],
    [
      'an expiry that is now',
      { expiresAt: command.at },
      'invalid_expiry',
      'expiresAt: 1970-01-01T00:00:02.000Z is over; it must be a time to come, or null for none.',
    ],
    [
      'the signature as a custom header',
      { customHeaders: { 'X-LUCRA-SIGNATURE': 'sha256=00' } },
      'invalid_header',
      'customHeaders.X-LUCRA-SIGNATURE: every request has this header already.',
    ],
  ] as const)('%s is refused', (_name, changes, code, message) => {
    const { when } = given(lucra, created('sub_1'))
    when(createSubscription, create(changes)).fails({ code, message })
    when(updateSubscription, { ...command, subscriptionId: 'sub_1', changes }).fails({ code, message })
  })

  test('https URLs are fine however they are written', () => {
    const changes = { url: 'HTTPS://Example.com', authentication: oauth2 }
    given(lucra, created('sub_1'))
      .when(updateSubscription, { ...command, subscriptionId: 'sub_1', changes })
      .happens({ type: 'SubscriptionUpdated', ...command, subscriptionId: 'sub_1', changes })
  })

  test('an http URL is fine where the profile does not mind', () => {
    const changes = { url: 'http://example.com' }
    given(tenantCreated, created('sub_1'))
      .when(updateSubscription, { ...command, subscriptionId: 'sub_1', changes })
      .happens({ type: 'SubscriptionUpdated', ...command, subscriptionId: 'sub_1', changes })
  })

  test('what stays as it is is not looked at: an expired subscription can be renamed, also by who sends all of it', () => {
    const expired = { expiresAt: 1_000, url: 'http://example.com', events: ['UserSignedUp'] }
    for (const same of [{}, expired])
      given(lucra, created('sub_1', expired))
        .when(updateSubscription, { ...command, subscriptionId: 'sub_1', changes: { ...same, name: 'Old' } })
        .happens({ type: 'SubscriptionUpdated', ...command, subscriptionId: 'sub_1', changes: { name: 'Old' } })
  })
})
