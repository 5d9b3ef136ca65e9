import { test } from 'vitest'
import { createSubscription } from './create-subscription.ts'
import { command, given, secret, settings, tenantCreated } from '../../test/given.ts'

const create = { ...command, subscriptionId: 'sub_1', settings, secret }

test('a URL is subscribed to events of the catalogue', () => {
  given(tenantCreated)
    .when(createSubscription, create)
    .happens({ type: 'SubscriptionCreated', ...create })
})

test('an event named twice is subscribed once', () => {
  const events = ['deposit.settled', 'kyc.approved', 'deposit.settled']
  given(tenantCreated)
    .when(createSubscription, { ...create, settings: { ...settings, events } })
    .happens({
      type: 'SubscriptionCreated',
      ...create,
      settings: { ...settings, events: ['deposit.settled', 'kyc.approved'] },
    })
})

test('each event that is not in the catalogue is named', () => {
  const events = ['deposit.setled', 'deposit.settled', 'webhook.test']
  given(tenantCreated)
    .when(createSubscription, { ...create, settings: { ...settings, events } })
    .fails({
      code: 'unknown_event_type',
      errors: [
        { field: 'events[0]', message: '"deposit.setled" is not in the catalogue' },
        { field: 'events[2]', message: '"webhook.test" is not in the catalogue' },
      ],
    })
})

test('nothing is subscribed for a tenant that does not exist', () => {
  given().when(createSubscription, create).fails({ code: 'unknown_tenant' })
})
