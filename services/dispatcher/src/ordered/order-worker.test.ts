import type { Subscription } from '@jethook/configuration'
import type { DeliveryOutcome, OrderProgress } from '@jethook/contracts'
import { noTracing, type Broker } from '@jethook/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AcceptedEvent } from '../deliver/accepted-event.ts'
import { OrderWorker, type OrderWorkerDependencies } from './order-worker.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const event: AcceptedEvent = {
  tenant: 'acme',
  eventType: 'order.paid',
  eventId: 'evt_1',
  sequence: 1,
  acceptedAt: 0,
  configSequence: 1,
  onlySubscription: '',
  content: { payload: Buffer.from('{}'), user: undefined },
  trace: {},
}

/** One ordered subscription with one event, and what is stored of it. */
function startWorker(subscription: Subscription, dependencies: object, stored: OrderProgress | null = null) {
  const it = { subscription, progress: [] as OrderProgress[], purged: [] as string[] }
  const broker = {
    connection: { publish() {}, subscribe: () => ({ unsubscribe() {} }) },
    manager: {
      streams: {
        getMessage: async () => stored && { seq: 1, json: () => stored, time: new Date() },
        purge: async (_stream: string, { filter }: { filter: string }) => void it.purged.push(filter),
      },
    },
    publisher: {
      async publish(_subject: string, progress: string) {
        it.progress.push(JSON.parse(progress) as OrderProgress)
        return { sequence: 1 }
      },
    },
  } as unknown as Broker
  const worker = new OrderWorker(
    {
      broker,
      configuration: { subscription: () => it.subscription, profileOf: () => undefined },
      id: 'dsp_1',
      lives: () => true,
      kept: { bytes: 0 },
      readEvents: async (_of: Subscription, after: number) => (after === 0 ? [{ event, key: '' }] : []),
      ...dependencies,
    } as unknown as OrderWorkerDependencies,
    subscription,
  )
  return Object.assign(it, { worker })
}
const ordered = {
  id: 'sub_1',
  tenant: 'acme',
  ordered: true,
  orderingKey: null,
  inOrderFrom: 0,
  active: true,
} as Subscription

test('what became of one that waited is not stored before that it waited: the log would show it as waiting for ever', async () => {
  const storing: { outcome: DeliveryOutcome['outcome']; stored: () => void }[] = []
  const it = startWorker(
    { ...ordered, paused: true },
    {
      outcomes: {
        record: ({ outcome }: DeliveryOutcome) =>
          new Promise<void>((resolve) => void storing.push({ outcome, stored: resolve })),
      },
    },
  )
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing).toMatchObject([{ outcome: { type: 'deferred', reason: 'paused' } }])

  // NATS does not take it yet.
  it.subscription = { ...ordered, active: false }
  it.worker.nudge()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing).toHaveLength(1)
  storing[0]?.stored()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(storing.slice(1)).toMatchObject([{ outcome: { type: 'cancelled', reason: 'subscription_inactive' } }])
  storing[1]?.stored()
  await it.worker.stop()
})

test('what a replay delivered while it waited for its turn is not delivered again when the turn comes', async () => {
  const turn = Promise.withResolvers<{ leave(): void }>()
  const prepared = {}
  const post = vi.fn<() => void>()
  const it = startWorker(ordered, {
    lanes: { enter: () => turn.promise },
    prepare: () => prepared,
    signals: { inFlight: { inc() {}, dec() {} } },
    post,
  })
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.replayed(1, 0)
  turn.resolve({ leave() {} })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(post).not.toHaveBeenCalled()
  expect(it.progress.at(-1)).toMatchObject({ upTo: 1, waiting: [] })
  await it.worker.stop()
})

/** What attempts need, at an endpoint that answers so. */
const attemptsAt = (post: () => Promise<unknown>) => {
  const prepared = {
    subscription: ordered,
    destination: { origin: 'https://example.com', path: '/' },
    credentials: {},
    profile: { isSuccess: (status: number) => status < 300 },
    render: () => ({ headers: {}, body: Buffer.from('{}') }),
    retry: { delaysMs: [], jitter: 0 },
  }
  return {
    prepare: () => prepared,
    post,
    whyNot: () => undefined,
    current: () => ordered,
    tracing: noTracing,
    signals: { inFlight: { inc() {}, dec() {} }, attempted() {} },
    outcomes: { record: async () => undefined },
  }
}
const answer = (status: number) => ({ response: { status, headers: {}, body: '', bodyTruncated: false }, error: null })
const turn = () => ({ leave() {} })
const putOff = () => ({ deferUntil: Date.now() + 60_000, reason: 'circuit_open' })

test('a replay that was put off while the attempt that delivered its event was under way is cancelled', async () => {
  const answered = Promise.withResolvers<unknown>()
  const it = startWorker(ordered, { ...attemptsAt(() => answered.promise), lanes: { enter: turn } })
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.replayed(1, 1)
  answered.resolve(answer(200))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(it.purged).toHaveLength(1)
  expect(it.progress.at(-1)).toMatchObject({ upTo: 1, waiting: [] })
  await it.worker.stop()
})

test('an event whose order was switched off, and that waits in the calendar for the retry of its replay, is not lost', async () => {
  const it = startWorker(ordered, { ...attemptsAt(async () => answer(200)), lanes: { enter: putOff } })
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.replayed(1, 2)
  it.subscription = { ...ordered, ordered: false }
  it.worker.replayed(1, 3)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(it.purged).toEqual([])
  expect(it.progress.at(-1)).toMatchObject({ upTo: 1, waiting: [] })
  await it.worker.stop()
})

test('a replay that was put off is made, also when the subscription is not active any more as its event has its turn', async () => {
  const it = startWorker(ordered, { ...attemptsAt(async () => answer(200)), lanes: { enter: putOff } })
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.replayed(1, 1)
  it.subscription = { ...ordered, active: false }
  await vi.advanceTimersByTimeAsync(61_000)
  expect(it.purged).toEqual([])
  expect(it.progress.at(-1)).toMatchObject({ upTo: 1, waiting: [] })
  await it.worker.stop()
})

test('so it is when its event was given up before', async () => {
  const enter = vi.fn<() => object>().mockImplementationOnce(putOff).mockImplementation(turn)
  const post = vi.fn<() => Promise<unknown>>(async () => answer(500))
  const it = startWorker(ordered, { ...attemptsAt(post), lanes: { enter } })
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.replayed(1, 1)
  await vi.advanceTimersByTimeAsync(61_000)
  expect(post).toHaveBeenCalledTimes(1)
  expect(it.purged).toEqual([])
  expect(it.progress.at(-1)).toMatchObject({ upTo: 1, waiting: [] })
  await it.worker.stop()
})

test('what its receiver held up is called, also when a test succeeds while another dispatcher still holds the order', async () => {
  const stuck = [{ sequence: 1, attempt: 2, retries: 1, at: Date.now() + 3_600_000, isHeldUp: true }]
  const stored = { holder: 'dsp_2', floor: 0, upTo: 0, waiting: [], stuck }
  const post = vi.fn<() => Promise<unknown>>(async () => answer(200))
  let lives = true
  const it = startWorker(ordered, { ...attemptsAt(post), lanes: { enter: turn }, lives: () => lives }, stored)
  await vi.advanceTimersByTimeAsync(1_000)
  it.worker.recall()
  lives = false
  await vi.advanceTimersByTimeAsync(2_000)
  expect(post).toHaveBeenCalledTimes(1)
  await it.worker.stop()
})
