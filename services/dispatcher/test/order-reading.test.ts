import { defaultDeliveryRules } from '@jethook/contracts'
import type { Subscription } from '@jethook/configuration'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEventReader } from '../src/ordered/read-events.ts'
import { defaultSettings, startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture?.stop())

test('large events are read a few at a time, and all of them', async () => {
  const type = 'large.event'
  const count = 40
  for (let n = 0; n < count; n++) await fixture.accept(type, JSON.stringify({ n, text: 'x'.repeat(250_000) }))
  const read = createEventReader({ broker: fixture.broker, configSequence: () => Infinity, upToDate: async () => {} })
  const subscription = {
    ...defaultDeliveryRules,
    ...defaultSettings,
    tenant,
    events: [type],
  } as unknown as Subscription
  const sizes: number[] = []
  const found: number[] = []
  for (
    let events = await read(subscription, 0);
    events.length > 0;
    events = await read(subscription, found.at(-1) ?? 0)
  ) {
    found.push(...events.map(({ event }) => event.sequence))
    sizes.push(events.reduce((sum, { event }) => sum + event.content.payload.length, 0))
  }
  expect(found).toEqual(Array.from({ length: count }, (_, n) => n + 1))
  expect(Math.max(...sizes)).toBeLessThan(2_000_000)
})
