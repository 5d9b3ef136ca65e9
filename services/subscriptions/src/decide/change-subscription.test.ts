import { EncryptedSecret } from '@jethook/contracts'
import { test } from 'vitest'
import { deleteSubscription } from './delete-subscription.ts'
import { command, given, settings, subscriptionCreated, subscriptionDeleted, tenantCreated } from '../../test/given.ts'
import { rotateSecret } from './rotate-secret.ts'
import { updateSubscription } from './update-subscription.ts'

const subscriptionId = 'sub_1'
const change = { ...command, subscriptionId }
const newSecret = EncryptedSecret.parse('k1.another')

test('an update says only what is different', () => {
  given(tenantCreated, subscriptionCreated)
    .when(updateSubscription, { ...change, changes: { ...settings, active: false, timeoutMs: 5_000 } })
    .happens({ type: 'SubscriptionUpdated', ...change, changes: { active: false, timeoutMs: 5_000 } })
})

test.each([
  ['an empty one', {}],
  ['one with the same values', { ...settings, events: [...settings.events] }],
])('an update that changes nothing appends nothing: %s', (_name, changes) => {
  given(tenantCreated, subscriptionCreated)
    .when(updateSubscription, { ...change, changes })
    .nothingHappens()
})

test('an update to events that are not in the catalogue is refused', () => {
  given(tenantCreated, subscriptionCreated)
    .when(updateSubscription, { ...change, changes: { events: ['*'] } })
    .fails({ code: 'unknown_event_type' })
})

test('a secret is replaced', () => {
  given(tenantCreated, subscriptionCreated)
    .when(rotateSecret, { ...change, secret: newSecret })
    .happens({ type: 'SubscriptionSecretRotated', ...change, secret: newSecret })
})

test('a subscription is deleted', () => {
  given(tenantCreated, subscriptionCreated)
    .when(deleteSubscription, change)
    .happens({ type: 'SubscriptionDeleted', ...change })
})

test.each([
  ['that never was', [tenantCreated]],
  ['that was deleted', [tenantCreated, subscriptionCreated, subscriptionDeleted]],
])('a subscription %s cannot be changed', (_name, history) => {
  const { when } = given(...history)
  when(updateSubscription, { ...change, changes: {} }).fails({ code: 'subscription_not_found' })
  when(rotateSecret, { ...change, secret: newSecret }).fails({ code: 'subscription_not_found' })
  when(deleteSubscription, change).fails({ code: 'subscription_not_found' })
})
