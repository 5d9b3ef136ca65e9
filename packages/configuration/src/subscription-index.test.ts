import { defaultDeliveryRules, EncryptedSecret } from '@jethook/contracts'
import { expect, test } from 'vitest'
import type { Subscription } from './model.ts'
import { choosesEvent, SubscriptionIndex } from './subscription-index.ts'

const subscription = (id: string, events: string[], active = true): Subscription => ({
  id,
  tenant: 'acme',
  url: 'https://example.com',
  events,
  description: null,
  active,
  retryScheduleMs: null,
  timeoutMs: null,
  ...defaultDeliveryRules,
  secret: EncryptedSecret.parse('k1.sealed'),
  activeSince: 0,
  createdAt: 0,
  updatedAt: 0,
})

const indexOf = (...subscriptions: Subscription[]): SubscriptionIndex => {
  const index = new SubscriptionIndex()
  for (const each of subscriptions) index.replace(undefined, each)
  return index
}

const idsOf = (index: SubscriptionIndex, eventType: string): string[] =>
  [...index.matching(eventType)].map(({ id }) => id).toSorted()

test.each([
  ['user.created', ['all', 'names', 'users']],
  ['user.role.changed', ['all', 'roles', 'users']],
  ['user', ['all']],
  ['users.created', ['all']],
])('%s goes to %j', (eventType, expected) => {
  const index = indexOf(
    subscription('all', ['*']),
    subscription('users', ['user.*']),
    subscription('roles', ['user.role.*']),
    subscription('names', ['user.created', 'kyc.approved']),
    subscription('off', ['*', 'user.created'], false),
  )
  expect(idsOf(index, eventType)).toEqual(expected)
})

test('who matches in several ways gets an event once', () => {
  expect(idsOf(indexOf(subscription('a', ['*', 'user.*', 'user.created'])), 'user.created')).toEqual(['a'])
})

test('what was replaced matches no more', () => {
  const before = subscription('a', ['*', 'user.created'])
  const after = subscription('a', ['kyc.approved'])
  const index = indexOf(before)
  index.replace(before, after)
  expect(idsOf(index, 'user.created')).toEqual([])
  expect(idsOf(index, 'kyc.approved')).toEqual(['a'])
  index.replace(after, undefined)
  expect(idsOf(index, 'kyc.approved')).toEqual([])
})

test.each([
  [['user.created'], 'user.created', true],
  [['user.created'], 'user.deleted', false],
  [['user.*'], 'user.role.changed', true],
  [['user.*'], 'users', false],
  [['*'], 'anything', true],
  [['*'], 'webhook.disabled', false],
  [['webhook.disabled'], 'webhook.disabled', true],
])('%j chooses %s: %s', (events, eventType, expected) => {
  expect(choosesEvent({ events }, eventType)).toBe(expected)
})
