import {
  calendarSubject,
  calendarSubjectsOf,
  dueSubject,
  orderSubject,
  StreamName,
  type CalendarEntry,
  type DeliveryOutcome,
  type OrderProgress,
  type SubscriptionSettings,
} from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Endpoint, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
  await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

const schedule = { retryScheduleMs: Array.from({ length: 20 }, () => 20), circuitBreaker: false }

/** The numbers of the events in the order in which they were delivered for the first time. */
const delivered = async (endpoint: Endpoint, count: number): Promise<number[]> => {
  const outcomes = await waitFor(
    () => {
      const found = fixture.outcomes.filter(
        (one) => one.subscriptionId === endpoint.id && one.outcome.type === 'delivered',
      )
      return found.length >= count && found
    },
    { what: `${count} deliveries`, timeoutMs: 30_000 },
  )
  const sequences = outcomes.map(({ eventSequence }) => eventSequence)
  return [...new Set(sequences)]
}

/** As the API does it. */
const change = ({ id }: Pick<Endpoint, 'id'>, changes: Partial<SubscriptionSettings>): Promise<void> => {
  const about = { tenant, at: Date.now(), by: 'operator', subscriptionId: id }
  return fixture.decide({ type: 'SubscriptionUpdated', ...about, changes }, 'subscription', id)
}

const decide = ({ id }: Endpoint, type: 'SubscriptionPaused' | 'SubscriptionResumed'): Promise<void> =>
  fixture.decide({ type, tenant, at: Date.now(), by: 'operator', subscriptionId: id }, 'subscription', id)

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0))

test('events are attempted one after the other, each until it is delivered, however often they fail', async () => {
  const endpoint = await fixture.endpoint(() => (Math.random() < 0.3 ? 500 : 200), { ordered: true, ...schedule })
  await endpoint.accept(100)
  expect(await delivered(endpoint, 100)).toHaveLength(100)
  const numbers = endpoint.numbers()
  // A number comes again after a failure, and never after a higher one.
  expect(numbers.every((n, i) => i === 0 || n === numbers[i - 1] || n === (numbers[i - 1] ?? 0) + 1)).toBe(true)
  const attempts = fixture.outcomes.filter(({ subscriptionId }) => subscriptionId === endpoint.id)
  const first = attempts[0]?.attempt
  expect(first).toMatchObject({ number: 1, trigger: 'event' })
})

test('with an ordering key only events of the same key wait for each other', async () => {
  const stuck = 3
  let isStuck = true
  const endpoint = await fixture.endpoint(
    (request) => ((request.json() as { key: number }).key === stuck && isStuck ? 500 : 200),
    { ordered: true, orderingKey: '/key', ...schedule },
  )
  await endpoint.acceptAll(Array.from({ length: 100 }, (_, n) => ({ n, key: n % 10 })))
  await delivered(endpoint, 90)
  isStuck = false
  await delivered(endpoint, 100)
  const byKey = Map.groupBy(endpoint.receiver.requests, (request) => (request.json() as { key: number }).key)
  for (const requests of byKey.values())
    expect(isAscending([...new Set(requests.map((request) => (request.json() as { n: number }).n))])).toBe(true)
})

test('a key that is stuck keeps no other one waiting, however many events of others come meanwhile', async () => {
  const endpoint = await fixture.endpoint((request) => ((request.json() as { key: number }).key === 0 ? 500 : 200), {
    ordered: true,
    orderingKey: '/key',
    retryScheduleMs: [3_600_000],
    circuitBreaker: false,
  })
  const count = 1_200
  await endpoint.acceptAll(Array.from({ length: count }, (_, n) => ({ n, key: n % 100 === 0 ? 0 : n })))
  expect(await delivered(endpoint, count - 12)).toHaveLength(count - 12)
})

test('block: the others wait for as long as it takes', async () => {
  let isBad = true
  const endpoint = await fixture.endpoint((_request) => (isBad ? 500 : 200), {
    ordered: true,
    retryScheduleMs: [10],
    circuitBreaker: false,
  })
  await endpoint.accept(5)
  // More often than the schedule has retries.
  await endpoint.receiver.waitFor(5)
  expect(new Set(endpoint.numbers())).toEqual(new Set([0]))
  isBad = false
  await delivered(endpoint, 5)
  expect([...new Set(endpoint.numbers())]).toEqual([0, 1, 2, 3, 4])
})

test('skip: the others go on when it was given up', async () => {
  const endpoint = await fixture.endpoint((request) => ((request.json() as { n: number }).n === 1 ? 500 : 200), {
    ordered: true,
    whenStuck: 'skip',
    retryScheduleMs: [10, 10],
  })
  await endpoint.accept(4)
  await delivered(endpoint, 3)
  expect(endpoint.numbers()).toEqual([0, 1, 1, 1, 2, 3])
  const gaveUp = fixture.outcomes.filter((one) => one.subscriptionId === endpoint.id && one.outcome.type === 'gave_up')
  expect(gaveUp).toHaveLength(1)
})

test('what a replay delivered keeps nobody waiting any more, whichever dispatcher made it', async () => {
  const replayed = async (): Promise<number[]> => {
    const endpoint = await fixture.endpoint((_request, nth) => (nth === 1 ? 500 : 200), {
      ordered: true,
      whenStuck: 'block',
      retryScheduleMs: [3_600_000],
    })
    await endpoint.accept(3)
    const [stuck] = await endpoint.outcomes(1)
    const { outcome: _outcome, attempt: _attempt, at: _at, ...delivery } = stuck ?? expect.fail('nothing was attempted')
    const replay: CalendarEntry = { ...delivery, attempt: 2, retries: 0, trigger: 'replay' }
    await fixture.broker.publisher.publish(dueSubject(endpoint.id), JSON.stringify(replay))
    await endpoint.outcomes(4)
    return endpoint.numbers()
  }
  // So many that each dispatcher makes a replay for an order that the other one keeps.
  const all = await Promise.all(Array.from({ length: 8 }, replayed))
  for (const numbers of all) expect(numbers).toEqual([0, 0, 1, 2])
})

test.each([
  ['block', 'because the receiver wants that', 0],
  ['skip', 'because it was attempted often enough', 1],
] as const)('%s: nor does what a replay gave up %s', async (whenStuck, _why, retries) => {
  const abort = { status: 500, headers: { 'webhook-delivery': 'abort-message' } }
  const endpoint = await fixture.endpoint(
    (_request, nth) => (nth === 1 ? 500 : nth > 2 ? 200 : whenStuck === 'block' ? abort : 500),
    { ordered: true, whenStuck, retryScheduleMs: [3_600_000], circuitBreaker: false },
  )
  await endpoint.accept(3)
  const [stuck] = await endpoint.outcomes(1)
  const { outcome: _outcome, attempt: _attempt, at: _at, ...delivery } = stuck ?? expect.fail('nothing was attempted')
  const replay: CalendarEntry = { ...delivery, attempt: 2, retries, trigger: 'replay' }
  await fixture.broker.publisher.publish(dueSubject(endpoint.id), JSON.stringify(replay))
  await delivered(endpoint, 2)
  expect(endpoint.numbers()).toEqual([0, 0, 1, 2])
})

test('one that still waits for others may be replayed: it comes out of turn, and once', async () => {
  let isStuck = true
  const endpoint = await fixture.endpoint(
    (request) => ((request.json() as { n: number }).n === 0 && isStuck ? 500 : 200),
    { ordered: true, retryScheduleMs: Array.from({ length: 100 }, () => 250), circuitBreaker: false },
  )
  await endpoint.accept(3)
  const last = await waitFor(
    () => fixture.outcomes.filter((one) => one.subscriptionId === endpoint.id && one.outcome.type === 'deferred')[1],
  )
  const { outcome: _outcome, attempt: _attempt, at: _at, ...delivery } = last
  const replay: CalendarEntry = { ...delivery, attempt: 1, retries: 0, trigger: 'replay' }
  await fixture.broker.publisher.publish(dueSubject(endpoint.id), JSON.stringify(replay))
  await delivered(endpoint, 1)
  isStuck = false
  await delivered(endpoint, 3)
  expect(endpoint.numbers().filter((n) => n > 0)).toEqual([2, 1])
})

test('one that a replay gave up comes in order all the same, and its attempts go on counting', async () => {
  let works = false
  const endpoint = await fixture.endpoint(() => (works ? 200 : 500), { ordered: true, retryScheduleMs: [] })
  await endpoint.accept(2)
  const waiting = await waitFor(() =>
    fixture.outcomes.find((one) => one.subscriptionId === endpoint.id && one.outcome.type === 'deferred'),
  )
  const [first] = await endpoint.outcomes(1)
  const replay = async (
    { outcome: _outcome, attempt: _attempt, at: _at, ...delivery }: DeliveryOutcome,
    attempt: number,
  ) => {
    const entry: CalendarEntry = { ...delivery, attempt, retries: 0, trigger: 'replay' }
    await fixture.broker.publisher.publish(dueSubject(endpoint.id), JSON.stringify(entry))
  }
  await replay(waiting, 1)
  await waitFor(() =>
    fixture.outcomes.find((one) => one.subscriptionId === endpoint.id && one.outcome.type === 'gave_up'),
  )
  works = true
  await replay(first ?? expect.fail(), 2)
  await delivered(endpoint, 2)
  const attempts = fixture.outcomes.filter(({ deliveryId, attempt }) => deliveryId === waiting.deliveryId && attempt)
  expect(attempts.map(({ attempt }) => attempt?.number)).toEqual([1, 2])
})

test('what a replay failed to deliver is delivered once in order, with the number of the attempt that is its turn', async () => {
  const endpoint = await fixture.endpoint((_request, nth) => (nth <= 3 ? 500 : 200), {
    ordered: true,
    retryScheduleMs: [1_500, 4_000],
    circuitBreaker: false,
  })
  await endpoint.accept(3)
  const [stuck] = await endpoint.outcomes(1)
  const { outcome: _outcome, attempt: _attempt, at: _at, ...delivery } = stuck ?? expect.fail('nothing was attempted')
  for (const attempt of [2, 3]) {
    const replay: CalendarEntry = { ...delivery, attempt, retries: attempt - 2, trigger: 'replay' }
    await fixture.broker.publisher.publish(dueSubject(endpoint.id), JSON.stringify(replay))
    await endpoint.outcomes(attempt)
  }
  await delivered(endpoint, 3)
  const attempts = fixture.outcomes.filter(({ subscriptionId, attempt }) => subscriptionId === endpoint.id && attempt)
  expect(attempts.map(({ attempt }) => attempt?.number)).toEqual([1, 2, 3, 4, 1, 1])
  // The retry that the replay left in the calendar.
  const subject = calendarSubject(endpoint.id, delivery.deliveryId, delivery.eventSequence)
  await waitFor(
    async () => !(await fixture.broker.manager.streams.getMessage(StreamName.deliveries, { last_by_subj: subject })),
    { what: 'nothing in the calendar' },
  )
  expect(endpoint.numbers()).toEqual([0, 0, 0, 0, 1, 2])
})

test('a change that comes while it makes certain that it still keeps the order applies to the attempt that follows', async () => {
  // Longer than it can be certain without asking.
  const former = await fixture.endpoint((_request, nth) => (nth === 1 ? 500 : 200), {
    ordered: true,
    retryScheduleMs: [3_500, 3_500],
  })
  const latter = await fixture.endpoint((_request, nth) => (nth === 1 ? 500 : 200))
  /** Has something happen between its asking and the answer. */
  const whenItAsks = async (attempts: number, makeChange: () => Promise<void>): Promise<void> => {
    const storeAtMost = async (max_msg_size: number): Promise<void> => {
      await fixture.broker.manager.streams.update(StreamName.progress, { max_msg_size })
    }
    await waitFor(async () => {
      const query = { last_by_subj: orderSubject(former.id) }
      const message = await fixture.broker.manager.streams.getMessage(StreamName.progress, query)
      return message?.json<OrderProgress>().stuck[0]?.attempt === attempts + 1
    })
    await storeAtMost(1)
    await new Promise<void>((resolve) => {
      fixture.broker.connection.subscribe(orderSubject(former.id), { max: 1, callback: () => resolve() })
    })
    await makeChange()
    await storeAtMost(-1)
  }
  const useProfile = (profile: string): Promise<void> =>
    fixture.decide(
      { type: 'TenantUpdated', tenant, at: Date.now(), by: 'operator', changes: { profile } },
      'tenant',
      tenant,
    )
  await former.accept(1)
  await whenItAsks(1, () => change(former, { url: latter.receiver.url }))
  await whenItAsks(2, () => useProfile('standard'))
  await latter.receiver.waitFor(2)
  await useProfile('lumirecrm')
  expect(former.numbers()).toEqual([0])
  expect(latter.receiver.requests.map(({ headers }) => 'webhook-id' in headers)).toEqual([false, true])
})

/** What is shown of those that wait, by their payloads' numbers. */
const shown = async (endpoint: Endpoint, count: number): Promise<unknown[]> =>
  waitFor(
    () => {
      const found = fixture.outcomes.flatMap(({ subscriptionId, outcome }) =>
        subscriptionId === endpoint.id && outcome.type === 'deferred' ? [outcome] : [],
      )
      return found.length >= count && found
    },
    { what: `${count} deferrals` },
  )

test('what waits for others is shown once, as a delivery that is put off', async () => {
  let isStuck = true
  const endpoint = await fixture.endpoint(() => (isStuck ? 500 : 200), {
    ordered: true,
    retryScheduleMs: Array.from({ length: 20 }, () => 500),
    circuitBreaker: false,
  })
  await endpoint.accept(3)
  const waiting = { type: 'deferred', at: null, reason: 'in_order' }
  expect(await shown(endpoint, 2)).toEqual([waiting, waiting])
  isStuck = false
  await delivered(endpoint, 3)
  expect(await shown(endpoint, 2)).toHaveLength(2)
})

test('so is what waits for its limits, and what is kept while it is paused', async () => {
  const limited = await fixture.endpoint(undefined, { ordered: true, rateLimit: { perSecond: 0.01, burst: 1 } })
  const paused = await fixture.endpoint(undefined, { ordered: true })
  await decide(paused, 'SubscriptionPaused')
  await limited.accept(2)
  await paused.accept(1)
  expect(await shown(limited, 1)).toEqual([{ type: 'deferred', at: expect.any(Number), reason: 'rate_limited' }])
  expect(await shown(paused, 1)).toEqual([{ type: 'deferred', at: null, reason: 'paused' }])
  expect(paused.receiver.requests).toEqual([])
})

test('what is paused waits, and comes in order when it is resumed', async () => {
  const endpoint = await fixture.endpoint(undefined, { ordered: true })
  await endpoint.accept(1)
  await delivered(endpoint, 1)
  await decide(endpoint, 'SubscriptionPaused')
  await endpoint.accept(20, 1)
  const other = await fixture.endpoint()
  await other.accept(1)
  await other.receiver.waitFor(1)
  expect(endpoint.numbers()).toEqual([0])
  await decide(endpoint, 'SubscriptionResumed')
  await endpoint.receiver.waitFor(21, 20_000)
  expect(endpoint.numbers()).toEqual(Array.from({ length: 21 }, (_, n) => n))
})

test('what waits is cancelled, and shown to be, when its turn comes while the subscription is not active', async () => {
  const endpoint = await fixture.endpoint(() => 500, { ordered: true, ...schedule })
  await endpoint.accept(5)
  await endpoint.receiver.waitFor(1)
  await change(endpoint, { active: false })
  const cancelled = await waitFor(() => {
    const found = fixture.outcomes.filter(
      ({ subscriptionId, outcome }) => subscriptionId === endpoint.id && outcome.type === 'cancelled',
    )
    return found.length === 5 && found
  })
  expect(new Set(cancelled.map(({ eventId }) => eventId)).size).toBe(5)
  expect(cancelled[0]?.outcome).toEqual({ type: 'cancelled', reason: 'subscription_inactive' })
})

test('what it did not choose when it was accepted does not come later, though its type is chosen by then', async () => {
  const endpoint = await fixture.endpoint(undefined, { ordered: true, events: ['first.type'] })
  await fixture.accept('first.type', '{"n":0}')
  await endpoint.receiver.waitFor(1)
  await fixture.accept('second.type', '{"n":1}')
  await change(endpoint, { events: ['first.type', 'second.type'] })
  await fixture.accept('second.type', '{"n":2}')
  await endpoint.receiver.waitFor(2)
  await change(endpoint, { active: false })
  await fixture.accept('first.type', '{"n":3}')
  await change(endpoint, { active: true })
  await fixture.accept('first.type', '{"n":4}')
  await delivered(endpoint, 3)
  expect(endpoint.numbers()).toEqual([0, 2, 4])
})

test('what it chose when it was accepted comes, though its type is chosen no longer when it is read', async () => {
  let isBad = true
  const endpoint = await fixture.endpoint(() => (isBad ? 500 : 200), { ordered: true, ...schedule })
  await endpoint.accept(3)
  await endpoint.receiver.waitFor(1)
  // With another ordering key, though none has it, whoever keeps the order begins anew with what is stored.
  await change(endpoint, { events: ['another.type'], orderingKey: '/none' })
  isBad = false
  await delivered(endpoint, 3)
  expect([...new Set(endpoint.numbers())]).toEqual([0, 1, 2])
})

test('one that is ordered no longer gets everything, each once, and may be ordered again', async () => {
  const endpoint = await fixture.endpoint(undefined, { ordered: true })
  for (const [index, ordered] of [false, true, false].entries()) {
    await endpoint.accept(10, index * 20)
    await change(endpoint, { ordered })
    await endpoint.accept(10, index * 20 + 10)
  }
  await endpoint.receiver.waitFor(60, 20_000)
  expect(new Set(endpoint.numbers()).size).toBe(60)
})

test('of one that is ordered no longer none waits for those that fail, however many do', async () => {
  const failing = 200
  const endpoint = await fixture.endpoint((request) => ((request.json() as { n: number }).n < failing ? 500 : 200), {
    ordered: true,
    retryScheduleMs: [3_600_000],
    circuitBreaker: false,
  })
  await change(endpoint, { ordered: false })
  await endpoint.accept(failing + 10)
  expect(await delivered(endpoint, 10)).toHaveLength(10)
})

test('of one that is ordered no longer none waits for those that wait for their retry since before', async () => {
  const stuck = 100
  const endpoint = await fixture.endpoint((request) => ((request.json() as { n: number }).n < stuck ? 500 : 200), {
    ordered: true,
    orderingKey: '/n',
    retryScheduleMs: [3_600_000],
    circuitBreaker: false,
  })
  await endpoint.accept(stuck)
  await endpoint.outcomes(stuck)
  await change(endpoint, { ordered: false, orderingKey: null })
  await endpoint.accept(1, stuck)
  await delivered(endpoint, 1)
  expect(endpoint.receiver.requests).toHaveLength(stuck + 1)
  const { streams } = fixture.broker.manager
  const retries = async (): Promise<number> => {
    const subjects_filter = calendarSubjectsOf(endpoint.id)
    const { state } = await streams.info(StreamName.deliveries, { subjects_filter })
    return Object.keys(state.subjects ?? {}).length
  }
  await waitFor(async () => (await retries()) === stuck, { what: 'their retries in the calendar' })
})

test('what a replay leaves in the calendar for one that is ordered no longer is attempted until it is delivered', async () => {
  let failures = 0
  const fails = (n: number): boolean => n === 0 && ++failures <= 3
  const endpoint = await fixture.endpoint((request) => (fails((request.json() as { n: number }).n) ? 500 : 200), {
    ordered: true,
    retryScheduleMs: [2_500, 500, 500],
    circuitBreaker: false,
  })
  await endpoint.accept(2)
  const [stuck] = await endpoint.outcomes(1)
  await change(endpoint, { ordered: false })
  // Whoever reads them in no order has both by then, and the first one waits there for its retry.
  await delivered(endpoint, 1)
  const { outcome: _outcome, attempt: _attempt, at: _at, ...delivery } = stuck ?? expect.fail('nothing was attempted')
  const replay: CalendarEntry = { ...delivery, attempt: 2, retries: 0, trigger: 'replay' }
  await fixture.broker.publisher.publish(dueSubject(endpoint.id), JSON.stringify(replay))
  await delivered(endpoint, 2)
  expect(endpoint.numbers()).toEqual([0, 1, 0, 0, 0])
})

test('a dispatcher that comes or goes hands over: nothing is lost, nothing overtakes', async () => {
  const endpoint = await fixture.endpoint(() => (Math.random() < 0.2 ? 500 : 200), { ordered: true, ...schedule })
  const accepting = endpoint.accept(300)
  for (let i = 0; i < 3; i++) {
    await endpoint.receiver.waitFor(60 * (i + 1), 20_000)
    const passing = await fixture.startDispatcher()
    await endpoint.receiver.waitFor(60 * (i + 1) + 30, 20_000)
    await passing.stop()
  }
  await accepting
  expect(isAscending(await delivered(endpoint, 300))).toBe(true)
  expect(isAscending([...new Set(endpoint.numbers())])).toBe(true)
  const stored = await waitFor(async () => {
    const message = await fixture.broker.manager.streams.getMessage(StreamName.progress, {
      last_by_subj: orderSubject(endpoint.id),
    })
    const progress = message?.json<OrderProgress>()
    const last = fixture.outcomes.findLast(({ subscriptionId }) => subscriptionId === endpoint.id)?.eventSequence
    return progress && progress.floor >= (last ?? 0) && progress
  })
  expect(stored).toMatchObject({ waiting: [], stuck: [] })
})
