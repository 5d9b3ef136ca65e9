import { expect, test } from 'vitest'
import { readDomainEvent, UnknownDomainEventError } from './read-domain-event.ts'

const created = {
  type: 'SubscriptionCreated',
  tenant: 'acme',
  at: 1,
  by: 'operator',
  subscriptionId: 'sub_1',
  settings: {
    url: 'https://example.com/',
    events: ['deposit.settled'],
    description: null,
    active: true,
    retryScheduleMs: null,
    timeoutMs: null,
  },
  secret: 'k1.abc',
}

test('a domain event of a newer version is read without the fields that it added, however deep', () => {
  const newer = { ...created, colour: 'red', settings: { ...created.settings, colour: 'red' } }
  expect(readDomainEvent(newer)).toEqual(readDomainEvent(created))
})

test('a kind of event that only a newer version knows is told apart', () => {
  expect(() => readDomainEvent({ type: 'SubscriptionPainted', tenant: 'acme' })).toThrow(UnknownDomainEventError)
})

test.each([undefined, null, 7, 'text', {}, { type: 'TenantCreated' }])('%j is no domain event', (value) => {
  expect(() => readDomainEvent(value)).toThrow(/invalid/i)
})
