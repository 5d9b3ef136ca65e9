import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { eventsConsumer, orderSubject, StreamName, type DomainEvent, type OrderProgress } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture?.stop())

test('at a stop nothing new is taken, while what is under way is finished, ordered or not', async () => {
  const dispatcher = await fixture.startDispatcher()
  const answering = new EventTarget()
  const respond = async (): Promise<number> => {
    await once(answering, 'now')
    return 200
  }
  const endpoints = [await fixture.endpoint(respond), await fixture.endpoint(respond, { ordered: true })]
  for (const endpoint of endpoints) {
    await endpoint.accept(1)
    await endpoint.receiver.waitFor(1)
  }
  const stopped = dispatcher.stop().then(() => 'stopped')
  await waitFor(
    async () => {
      const { num_waiting } = await fixture.broker.manager.consumers.info(StreamName.events, eventsConsumer.name)
      return num_waiting === 0
    },
    { what: 'nobody to ask for events', timeoutMs: 10_000 },
  )
  expect(await Promise.race([stopped, delay(0, 'still there')])).toBe('still there')
  answering.dispatchEvent(new Event('now'))
  expect(await stopped).toBe('stopped')
  for (const endpoint of endpoints)
    expect(await endpoint.outcomes(1)).toMatchObject([{ outcome: { type: 'delivered' } }])
})

test('a dispatcher that stops takes no order any more, though one begins just then', async () => {
  const dispatcher = await fixture.startDispatcher()
  const answering = new EventTarget()
  const endpoint = await fixture.endpoint(
    async () => {
      await once(answering, 'now')
      return 200
    },
    { ordered: true },
  )
  const keptBefore = await fixture.endpoint(undefined, { ordered: true })
  await endpoint.accept(1)
  await keptBefore.accept(1)
  await endpoint.receiver.waitFor(1)
  await keptBefore.outcomes(1)
  const progressOf = async (id: string): Promise<OrderProgress | undefined> => {
    const query = { last_by_subj: orderSubject(id) }
    const message = await fixture.broker.manager.streams.getMessage(StreamName.progress, query)
    return message?.json<OrderProgress>()
  }
  const stopped = dispatcher.stop()
  await waitFor(async () => (await progressOf(keptBefore.id))?.holder === null)
  const begun = await fixture.endpoint(undefined, { ordered: true })
  answering.dispatchEvent(new Event('now'))
  await stopped
  expect(await progressOf(begun.id)).toBeUndefined()
  expect(await progressOf(keptBefore.id)).toMatchObject({ holder: null })
})

test('what is resumed while no dispatcher runs comes when one starts', async () => {
  const decide = (event: DomainEvent & { subscriptionId: string }) =>
    fixture.decide(event, 'subscription', event.subscriptionId)
  const dispatcher = await fixture.startDispatcher()
  const endpoint = await fixture.endpoint()
  const about = { tenant, at: Date.now(), by: 'operator', subscriptionId: endpoint.id }
  await decide({ type: 'SubscriptionPaused', ...about })
  await endpoint.accept(5)
  await endpoint.outcomes(5)
  await dispatcher.stop()
  await decide({ type: 'SubscriptionResumed', ...about })
  await fixture.startDispatcher()
  await endpoint.receiver.waitFor(5, 20_000)
})
