import type { DomainEvent } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { isAnotherEndpoint, letsMoreThrough } from './lets-more-through.ts'

const about = { tenant: 'acme', at: 1, by: 'operator', subscriptionId: 'sub_1' }

test.each<[DomainEvent, moreThrough: boolean, anotherEndpoint: boolean]>([
  [{ type: 'SubscriptionResumed', ...about }, true, false],
  [{ type: 'SubscriptionEnabled', ...about }, true, true],
  [{ type: 'SubscriptionPaused', ...about }, false, false],
  [{ type: 'SubscriptionDeleted', ...about }, false, false],
  [{ type: 'SubscriptionUpdated', ...about, changes: { rateLimit: null } }, true, false],
  [{ type: 'SubscriptionUpdated', ...about, changes: { url: 'https://example.com' } }, true, true],
  [{ type: 'SubscriptionUpdated', ...about, changes: { active: true } }, true, true],
  [{ type: 'SubscriptionUpdated', ...about, changes: { description: 'x' } }, false, false],
])('%j lets more through: %s, is another endpoint: %s', (event, moreThrough, anotherEndpoint) => {
  expect(letsMoreThrough(event)).toBe(moreThrough)
  expect(letsMoreThrough(event) && isAnotherEndpoint(event)).toBe(anotherEndpoint)
})
