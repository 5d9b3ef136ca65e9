import type { DomainEvent } from '@jethook/contracts'
import { test } from 'vitest'
import { command, given, subscriptionCreated, tenantCreated } from '../../test/given.ts'
import { disableSubscription } from './disable-subscription.ts'
import { enableAfterTest, enableSubscription } from './enable-subscription.ts'
import { pauseSubscription, resumeSubscription } from './pause-subscription.ts'
import { updateSubscription } from './update-subscription.ts'

const change = { ...command, subscriptionId: 'sub_1' }
const history = [tenantCreated, subscriptionCreated]
const why = { reason: 'failing', firstFailureAt: 1_600, failures: 20 } as const
const disabled: DomainEvent = { type: 'SubscriptionDisabled', ...change, at: 1_800, by: 'jethook', ...why }
const enabled: DomainEvent = { type: 'SubscriptionEnabled', ...change, at: 1_900 }
const paused: DomainEvent = { type: 'SubscriptionPaused', ...change }
const moved: DomainEvent = {
  type: 'SubscriptionUpdated',
  ...change,
  at: 1_900,
  changes: { url: 'https://example.com/other' },
}
const deactivated: DomainEvent = { type: 'SubscriptionUpdated', ...change, changes: { active: false } }

test('an active subscription is disabled, with the reason', () => {
  given(...history)
    .when(disableSubscription, { ...change, ...why, attemptedAt: 1_700 })
    .happens({ type: 'SubscriptionDisabled', ...change, ...why })
})

test.each<[string, DomainEvent[]]>([
  ['is disabled', [disabled]],
  ['is inactive by choice', [deactivated]],
  ['was enabled since the attempt that is the reason', [disabled, enabled]],
  ['has had another URL since the attempt that is the reason', [moved]],
])('nothing is disabled that %s', (_name, events) => {
  given(...history, ...events)
    .when(disableSubscription, { ...change, ...why, attemptedAt: 1_850 })
    .nothingHappens()
})

test('what is gone is not disabled', () => {
  given(tenantCreated)
    .when(disableSubscription, { ...change, ...why, attemptedAt: 1_850 })
    .nothingHappens()
})

test.each<[string, DomainEvent[], object | undefined]>([
  ['a disabled one is active again', [disabled], { type: 'SubscriptionEnabled', ...change }],
  [
    'an inactive one is active again',
    [deactivated],
    { type: 'SubscriptionUpdated', ...change, changes: { active: true } },
  ],
  ['an active one stays as it is', [], undefined],
])('enabling: %s', (_name, events, expected) => {
  const { when } = given(...history, ...events)
  if (expected) when(enableSubscription, change).happens(expected as never)
  else when(enableSubscription, change).nothingHappens()
})

test('a successful test enables one that was disabled before it and has the same URL still, and nothing else', () => {
  given(...history, disabled)
    .when(enableAfterTest, { ...change, testedAt: 1_900 })
    .happens({ type: 'SubscriptionEnabled', ...change })
  given(...history, disabled)
    .when(enableAfterTest, { ...change, testedAt: 1_700 })
    .nothingHappens()
  given(...history, disabled, moved)
    .when(enableAfterTest, { ...change, testedAt: 1_850 })
    .nothingHappens()
  given(...history, deactivated)
    .when(enableAfterTest, { ...change, testedAt: 3_000 })
    .nothingHappens()
})

test('a change to active enables one that was disabled', () => {
  given(...history, disabled)
    .when(updateSubscription, { ...change, changes: { active: true } })
    .happens({ type: 'SubscriptionUpdated', ...change, changes: { active: true }, enables: true })
})

test('one is paused once and resumed once', () => {
  given(...history)
    .when(pauseSubscription, change)
    .happens({ type: 'SubscriptionPaused', ...change })
  given(...history, paused)
    .when(pauseSubscription, change)
    .nothingHappens()
  given(...history, paused)
    .when(resumeSubscription, change)
    .happens({ type: 'SubscriptionResumed', ...change })
  given(...history)
    .when(resumeSubscription, change)
    .nothingHappens()
})

test('what does not exist is neither paused nor resumed nor enabled', () => {
  const { when } = given(tenantCreated)
  when(pauseSubscription, change).fails({ code: 'subscription_not_found' })
  when(resumeSubscription, change).fails({ code: 'subscription_not_found' })
  when(enableSubscription, change).fails({ code: 'subscription_not_found' })
})
