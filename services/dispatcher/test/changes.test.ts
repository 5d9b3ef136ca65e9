import { once } from 'node:events'
import { eventsConsumer, StreamName, type DomainEvent } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, waitFor, type Receiver, type Respond } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Endpoint, type Fixture } from './fixture.ts'

let fixture: Fixture
let elsewhere: Receiver

beforeAll(async () => {
  fixture = await startFixture()
  // Two: one of them asks the other for turns.
  await fixture.startDispatcher()
  await fixture.startDispatcher()
  elsewhere = await startReceiver()
})
afterAll(async () => {
  await fixture?.stop()
  await elsewhere?.close()
})

const about = (subscriptionId: string) => ({ tenant, at: Date.now(), by: 'operator', subscriptionId })

type Answer = Awaited<ReturnType<Respond>>

/** An endpoint that has one event and does not answer yet; nine others wait for their turn behind it. */
async function withOthersWaiting(answer: Answer = 200): Promise<Endpoint & { answer(): void }> {
  const answered = new EventTarget()
  const endpoint = await fixture.endpoint(
    async (_request, nth) => {
      if (nth > 1) return 200
      await once(answered, 'now')
      return answer
    },
    { concurrency: 1, retryScheduleMs: [3_600_000] },
  )
  await endpoint.accept(1)
  await endpoint.receiver.waitFor(1)
  await endpoint.accept(9, 1)
  await eventsAre(({ num_pending }) => num_pending === 0)
  return { ...endpoint, answer: () => void answered.dispatchEvent(new Event('now')) }
}

type ConsumerInfo = Awaited<ReturnType<Fixture['broker']['manager']['consumers']['info']>>

const eventsAre = (how: (info: ConsumerInfo) => boolean) =>
  waitFor(async () => how(await fixture.broker.manager.consumers.info(StreamName.events, eventsConsumer.name)), {
    timeoutMs: 20_000,
  })

/** Decides it, and waits until the dispatchers know. */
async function change(event: DomainEvent & { subscriptionId: string }): Promise<void> {
  await fixture.decide(event, 'subscription', event.subscriptionId)
  const other = await fixture.endpoint()
  await other.accept(20)
  await other.receiver.waitFor(20)
}

const outcomesOf = (id: string) => fixture.outcomes.filter(({ subscriptionId }) => subscriptionId === id)

test('what waits for its turn when the subscription is paused is kept until it is resumed', async () => {
  const endpoint = await withOthersWaiting()
  await change({ type: 'SubscriptionPaused', ...about(endpoint.id) })
  endpoint.answer()
  await waitFor(() => outcomesOf(endpoint.id).filter(({ outcome }) => isPaused(outcome)).length === 9, {
    timeoutMs: 20_000,
  })
  expect(endpoint.numbers()).toEqual([0])
  await change({ type: 'SubscriptionResumed', ...about(endpoint.id) })
  await endpoint.receiver.waitFor(10, 20_000)
  expect(new Set(endpoint.numbers()).size).toBe(10)
})

const isPaused = (outcome: { type: string; reason?: string }): boolean =>
  outcome.type === 'deferred' && outcome.reason === 'paused'

test('what waits for its turn when the subscription is deleted is not sent', async () => {
  const endpoint = await withOthersWaiting()
  await change({ type: 'SubscriptionDeleted', ...about(endpoint.id) })
  endpoint.answer()
  await eventsAre(({ num_ack_pending }) => num_ack_pending === 0)
  const outcomes = outcomesOf(endpoint.id).map(({ outcome }) => outcome)
  expect(outcomes).toContainEqual({ type: 'cancelled', reason: 'subscription_deleted' })
  expect(outcomes.filter(({ type }) => type === 'delivered')).toHaveLength(1)
  expect(endpoint.numbers()).toEqual([0])
})

test('what is being attempted when the subscription is deleted is not retried', async () => {
  const endpoint = await withOthersWaiting(500)
  await change({ type: 'SubscriptionDeleted', ...about(endpoint.id) })
  endpoint.answer()
  await eventsAre(({ num_ack_pending }) => num_ack_pending === 0)
  const outcomes = outcomesOf(endpoint.id)
  expect(outcomes.find(({ attempt }) => attempt)).toMatchObject({
    outcome: { type: 'cancelled', reason: 'subscription_deleted' },
    attempt: { response: { status: 500 }, decision: { code: 'http_500_cancelled_subscription_deleted' } },
  })
  expect(outcomes.map(({ outcome }) => outcome.type)).not.toContain('deferred')
})

test('what waits for its turn when the URL is changed goes to the new one', async () => {
  const endpoint = await withOthersWaiting()
  await change({ type: 'SubscriptionUpdated', ...about(endpoint.id), changes: { url: elsewhere.url } })
  endpoint.answer()
  await elsewhere.waitFor(9, 20_000)
  expect(endpoint.numbers()).toEqual([0])
})

test('what the URL from before asks for after the change is not held against the new one', async () => {
  const before = elsewhere.requests.length
  const endpoint = await withOthersWaiting({ status: 429, headers: { 'retry-after': '3600' } })
  await change({ type: 'SubscriptionUpdated', ...about(endpoint.id), changes: { url: elsewhere.url } })
  endpoint.answer()
  await elsewhere.waitFor(before + 9, 20_000)
  expect(endpoint.numbers()).toEqual([0])
})
