import { setTimeout as delay } from 'node:timers/promises'
import type { Configuration, Subscription } from '@jethook/configuration'
import { MessageHeader, type CalendarEntry } from '@jethook/contracts'
import { messageHeaders, PublishError, type Broker, type Logger, type StoredMsg } from '@jethook/runtime'
import type { Lanes } from '../lanes/lanes.ts'
import type { PrepareSubscription } from '../match/prepare-subscription.ts'
import { createCalendarReader, type ReadCalendar } from './read-calendar.ts'
import { scheduleTime, timeOfSchedule } from './schedule-delivery.ts'

/**
 * What waits in the calendar need not wait any longer: the endpoint is back, the subscription was resumed, or its limits
 * were raised. Gives every delivery that was deferred another turn, in the order of the calendar and at the endpoint's own
 * pace. Those that wait for their retry keep their time.
 *
 * Nobody depends on this being done to its end: what is left comes by itself, when its first turn has come.
 */
export interface BringForward {
  (subscription: Owner): void
  stop(): void
}

export interface BringForwardOptions {
  readonly broker: Broker
  readonly configuration: Configuration
  readonly lanes: Lanes
  readonly prepare: PrepareSubscription
  readonly logger: Logger
}

/** New turns are given out so far ahead, and no further: by then it is known better how much the endpoint takes. */
const aheadMs = 5_000
const lookAgainMs = 1_000
/** A delivery may just be on its way into the calendar, put off by somebody who did not know yet. */
const stragglersMs = 5_000
/** After a failure; twice as long after each one that follows, at most a minute. */
const tryAgainMs = 1_000
const tryAgainAtMostMs = 60_000

export type Owner = Pick<Subscription, 'id' | 'tenant'>

export function createBringForward(options: BringForwardOptions): BringForward {
  const running = new Map<string, { again: boolean; hurry: () => void }>()
  const stopping = new AbortController()
  const readCalendar = createCalendarReader(options.broker)

  const run = async (subscription: Owner): Promise<void> => {
    const state = { again: true, hurry: () => {} }
    running.set(subscription.id, state)
    const isOver = (): boolean => stopping.signal.aborted || state.again
    const wait = (ms: number): Promise<void> =>
      new Promise<void>((resolve) => {
        state.hurry = resolve
        setTimeout(resolve, ms).unref()
      })
    let failures = 0
    while (state.again && !stopping.signal.aborted) {
      state.again = false
      try {
        await bringForward({ ...options, readCalendar }, subscription, { isFirst: true, isOver })
        failures = 0
        if (!isOver()) await wait(stragglersMs)
        if (!isOver()) await bringForward({ ...options, readCalendar }, subscription, { isFirst: false, isOver })
      } catch (error) {
        if (stopping.signal.aborted) break
        options.logger.warn({ err: error, subscription_id: subscription.id }, 'calendar.not_brought_forward')
        if (!isOver()) await wait(Math.min(tryAgainMs * 2 ** failures++, tryAgainAtMostMs))
        state.again = true
      }
    }
    running.delete(subscription.id)
  }

  const start = (subscription: Owner): void => {
    const state = running.get(subscription.id)
    if (state) {
      state.again = true
      state.hurry()
    } else if (!stopping.signal.aborted) void run(subscription)
  }
  const stop = (): void => {
    stopping.abort()
    for (const { hurry } of running.values()) hurry()
  }
  return Object.assign(start, { stop })
}

async function bringForward(
  {
    broker,
    configuration,
    lanes,
    prepare,
    logger,
    readCalendar,
  }: BringForwardOptions & { readonly readCalendar: ReadCalendar },
  { id, tenant }: Owner,
  { isFirst, isOver }: { isFirst: boolean; isOver: () => boolean },
): Promise<void> {
  if (isFirst) lanes.forgetTurns(id)
  let moved = 0
  for await (const entries of readCalendar(id, isOver)) {
    if (isOver()) break
    const subscription = configuration.subscription(tenant, id)
    if (!subscription || subscription.paused) return
    const { rules } = prepare(subscription)
    const moving: Promise<boolean>[] = []
    for (const entry of entries) {
      if (!isDeferredBeyond(entry, Math.max(lanes.lastTurn(id), Date.now()))) continue
      const isTest = entry.json<CalendarEntry>().test === true
      moving.push(reschedule(broker, entry, lanes.turnAnew(subscription, rules, isTest)))
    }
    moved += (await Promise.all(moving)).filter(Boolean).length
    while (lanes.lastTurn(id) > Date.now() + aheadMs && !isOver()) await delay(lookAgainMs)
  }
  if (moved > 0) logger.info({ subscription_id: id, deliveries: moved }, 'calendar.brought_forward')
}

function isDeferredBeyond({ header }: StoredMsg, time: number): boolean {
  return header.get(MessageHeader.deferred) !== '' && timeOfSchedule(header.get(MessageHeader.schedule)) > time
}

/** Of an entry. What NATS says of where it was read would be stored with it, and once more each time. */
const keptHeaders = [
  MessageHeader.scheduleTarget,
  MessageHeader.deferred,
  MessageHeader.traceparent,
  MessageHeader.tracestate,
] as const

/** Returns whether the entry was still there as it was read. */
async function reschedule(
  { publisher }: Broker,
  { subject, data, header, seq }: StoredMsg,
  at: number,
): Promise<boolean> {
  const headers = messageHeaders({
    ...Object.fromEntries(keptHeaders.map((name) => [name, header.get(name)])),
    [MessageHeader.schedule]: scheduleTime(at),
    [MessageHeader.expectedLastSequence]: String(seq),
  })
  try {
    await publisher.publish(subject, data, headers)
    return true
  } catch (error) {
    if (error instanceof PublishError && error.code === 'wrong_last_sequence') return false
    throw error
  }
}
