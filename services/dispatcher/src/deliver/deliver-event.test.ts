import { Configuration } from '@jethook/configuration'
import { defaultDeliveryRules, EncryptedSecret, type DomainEvent } from '@jethook/contracts'
import { expect, test } from 'vitest'
import type { AcceptedEvent } from './accepted-event.ts'
import type { Wanted } from './deliver.ts'
import { deliverEvent } from './deliver-event.ts'
import { Room } from './room.ts'

const about = { tenant: 'acme', at: 1, by: 'operator' }
const event: AcceptedEvent = {
  tenant: 'acme',
  eventType: 'deposit.settled',
  eventId: 'evt_1',
  sequence: 7,
  acceptedAt: 1_000,
  configSequence: undefined,
  onlySubscription: '',
  content: { payload: Buffer.from('{}'), user: undefined },
  trace: {},
}

/** Three subscriptions, and room for one delivery at a time. */
function given() {
  const configuration = new Configuration()
  let sequence = 0
  const apply = (...events: DomainEvent[]): void => {
    for (const one of events) configuration.apply(one, ++sequence)
  }
  apply({ type: 'TenantCreated', ...about, name: '', profile: 'lumirecrm' })
  for (const subscriptionId of ['sub_1', 'sub_2', 'sub_3'])
    apply({
      type: 'SubscriptionCreated',
      ...about,
      subscriptionId,
      settings: {
        url: 'https://example.com/before',
        events: ['deposit.settled'],
        description: null,
        active: true,
        ...defaultDeliveryRules,
        retryScheduleMs: null,
        timeoutMs: null,
      },
      secret: EncryptedSecret.parse('k1.secret'),
    })
  const wanted: Wanted[] = []
  const ends: PromiseWithResolvers<void>[] = []
  const delivering = deliverEvent(
    {
      configuration,
      whyNot: () => undefined,
      deliver: (one) => {
        wanted.push(one)
        const end = Promise.withResolvers<void>()
        ends.push(end)
        return end.promise
      },
      room: new Room(1),
      inOrder: () => undefined,
    },
    event,
  )
  const next = async (): Promise<void> => {
    ends.at(-1)?.resolve()
    await new Promise(setImmediate)
  }
  return { apply, wanted, ends, delivering, next }
}

test('an event goes once to each subscription, as it is when its turn comes', async () => {
  const { apply, wanted, delivering, next } = given()
  const change = { type: 'SubscriptionUpdated', ...about, changes: { url: 'https://example.com/after' } } as const
  apply({ ...change, subscriptionId: 'sub_1' }, { ...change, subscriptionId: 'sub_2' })
  apply({ type: 'SubscriptionDeleted', ...about, subscriptionId: 'sub_3' })
  for (let turn = 0; turn < 3; turn++) await next()
  await delivering
  expect(wanted.map(({ entry, subscription }) => [entry.subscriptionId, subscription?.url])).toEqual([
    ['sub_1', 'https://example.com/before'],
    ['sub_2', 'https://example.com/after'],
    ['sub_3', undefined],
  ])
})

test('one that fails keeps none of the others from being delivered, and fails the event in the end', async () => {
  const { wanted, ends, delivering, next } = given()
  const failing = delivering.catch((error: unknown) => error)
  ends[0]?.reject(new Error('not stored'))
  await new Promise(setImmediate)
  await next()
  await next()
  expect(await failing).toEqual(new Error('not stored'))
  expect(wanted).toHaveLength(3)
})
