import { defaultDeliveryRules, EncryptedSecret, type DomainEvent } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { Configuration } from './configuration.ts'
import { choiceAt, choicesEver } from './former-choices.ts'
import type { Subscription } from './model.ts'

const about = { tenant: 'acme', at: 0, by: 'operator', subscriptionId: 'sub_1' } as const

/** One that chose `a` with the domain event 1, and what it is after others: 2, 3, … */
function given(inOrderFrom: number | undefined, ...changes: DomainEvent[]): Subscription {
  const configuration = new Configuration()
  const settings = {
    ...defaultDeliveryRules,
    url: 'https://example.com',
    events: ['a'],
    description: null,
    active: true,
    retryScheduleMs: null,
    timeoutMs: null,
  }
  const secret = EncryptedSecret.parse('k1.x')
  const created: DomainEvent = { type: 'SubscriptionCreated', ...about, settings, secret, inOrderFrom }
  for (const [index, event] of [created, ...changes].entries()) configuration.apply(event, index + 1)
  return configuration.subscription('acme', 'sub_1') ?? expect.fail('it is not there')
}

const update = (changes: object): DomainEvent => ({ type: 'SubscriptionUpdated', ...about, changes })
const disabled: DomainEvent = {
  type: 'SubscriptionDisabled',
  ...about,
  reason: 'gone',
  firstFailureAt: null,
  failures: 0,
}
const enabled: DomainEvent = { type: 'SubscriptionEnabled', ...about }

test('what an ordered subscription chose is known for each time, nothing while it was not active', () => {
  const changes = [update({ events: ['b'] }), disabled, update({ url: 'https://example.org' }), enabled]
  const subscription = given(0, ...changes)
  expect([1, 2, 3, 4, 5, 6].map((sequence) => choiceAt(subscription, sequence))).toEqual([
    ['a'],
    ['b'],
    [],
    [],
    ['b'],
    ['b'],
  ])
  expect(choicesEver(subscription)).toEqual(new Set(['a', 'b']))
})

test('what it chooses now counts where nobody knows when, and chooses nothing when it is not active', () => {
  const changes = [update({ events: ['b'] }), disabled]
  expect(choiceAt(given(0, changes[0] ?? enabled), undefined)).toEqual(['b'])
  expect(choiceAt(given(0, ...changes), undefined)).toEqual([])
})

test('of other changes, and of subscriptions that never were ordered, nothing is kept', () => {
  expect(given(0, update({ url: 'https://example.org' })).formerChoices).toBeUndefined()
  expect(given(undefined, update({ events: ['b'] })).formerChoices).toBeUndefined()
})

test('of one that is switched on and off all the time only the latest is kept', () => {
  const switches = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? disabled : enabled))
  const { formerChoices = [] } = given(0, ...switches)
  expect(formerChoices.length).toBeLessThan(100)
  expect(formerChoices.at(-1)).toEqual({ events: [], until: 201 })
})
