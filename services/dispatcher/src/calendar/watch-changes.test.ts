import { Configuration } from '@jethook/configuration'
import { defaultDeliveryRules, EncryptedSecret, type DomainEvent } from '@jethook/contracts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pausedDeferralMs } from './schedule-delivery.ts'
import { watchChanges } from './watch-changes.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const owner = { id: 'sub_1', tenant: 'acme' }

/** Two dispatchers, of which one is `us`, and a subscription. */
function given(keeper: 'us' | 'them', ...since: DomainEvent[]) {
  const configuration = new Configuration()
  const about = { tenant: 'acme', at: 1, by: 'operator' }
  const settings = {
    url: 'https://example.com',
    events: ['*'],
    description: null,
    active: true,
    ...defaultDeliveryRules,
  }
  const events: DomainEvent[] = [
    { type: 'TenantCreated', ...about, name: '', profile: 'lumirecrm' },
    {
      type: 'SubscriptionCreated',
      ...about,
      subscriptionId: owner.id,
      settings: { ...settings, retryScheduleMs: null, timeoutMs: null },
      secret: EncryptedSecret.parse('k1.secret'),
    },
    ...since,
  ]
  for (const [index, event] of events.entries()) configuration.apply(event, index + 1)
  const peers = { team: { count: 2, since: 0 }, owns: () => keeper === 'us' }
  const brought: string[] = []
  const bringForward = Object.assign(({ id }: { id: string }) => void brought.push(id), { stop: () => undefined })
  const changes = watchChanges({ configuration, peers, bringForward })
  const teamBecomes = (count: number, next: 'us' | 'them'): void => {
    keeper = next
    peers.team = { count, since: performance.now() }
    vi.advanceTimersByTime(1_000)
  }
  return { changes, brought, teamBecomes }
}

const happened = (type: 'SubscriptionPaused' | 'SubscriptionResumed', agoMs: number): DomainEvent => ({
  type,
  tenant: 'acme',
  at: Date.now() - agoMs,
  by: 'operator',
  subscriptionId: owner.id,
})

test('what it keeps is brought forward at once, and every time', () => {
  const { changes, brought } = given('us')
  changes.changed(owner)
  changes.changed(owner)
  expect(brought).toEqual(['sub_1', 'sub_1'])
  vi.advanceTimersByTime(10_000)
  expect(brought).toHaveLength(2)
})

test('what another one keeps is brought forward when that one is gone, and again when it came back and went', () => {
  const { changes, brought, teamBecomes } = given('them')
  changes.changed(owner)
  vi.advanceTimersByTime(10_000)
  expect(brought).toEqual([])
  teamBecomes(1, 'us')
  expect(brought).toHaveLength(1)
  teamBecomes(2, 'them')
  expect(brought).toHaveLength(1)
  teamBecomes(1, 'us')
  expect(brought).toHaveLength(2)
})

test('a change is forgotten when what was paused has come by itself', () => {
  const { changes, brought, teamBecomes } = given('them')
  changes.changed(owner)
  vi.advanceTimersByTime(pausedDeferralMs + 2_000)
  teamBecomes(1, 'us')
  expect(brought).toEqual([])
})

test('who starts begins with what was changed lately', () => {
  const lately = happened('SubscriptionResumed', pausedDeferralMs - 1_000)
  expect(given('us', lately).brought).toEqual(['sub_1'])
  expect(given('us', lately, happened('SubscriptionPaused', 0)).brought).toEqual([])
  expect(given('us', happened('SubscriptionResumed', pausedDeferralMs + 1_000)).brought).toEqual([])
})
