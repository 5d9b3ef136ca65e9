import type { Configuration, Subscription } from '@jethook/configuration'
import { calendarSubject, deliveryIdOf, dispatchersSubject, StreamName, type CalendarEntry } from '@jethook/contracts'
import { TransientSet, type Broker, type Logger } from '@jethook/runtime'
import { scheduleDelivery } from '../calendar/schedule-delivery.ts'
import type { AcceptedEvent } from '../deliver/accepted-event.ts'
import { attemptDelivery, type AttemptDependencies, type Result } from '../deliver/attempt-delivery.ts'
import { outcomeOf, type Deliver } from '../deliver/deliver.ts'
import type { ReadEvent } from '../deliver/read-event.ts'
import type { EnterLanes } from '../kept-lanes/enter-lanes.ts'
import type { PrepareSubscription, PreparedSubscription } from '../match/prepare-subscription.ts'
import type { OutcomeRecorder } from '../outcomes/record-outcomes.ts'
import type { StoreMessage } from '../outcomes/store-message.ts'
import { createAlarm } from './alarm.ts'
import { createProgressKeeper, SupersededError } from './keep-progress.ts'
import { makeCertain } from './make-certain.ts'
import { OrderQueue, type OrderedItem } from './order-queue.ts'
import { ReadAhead, unread, type KeptPayloads } from './read-ahead.ts'
import type { EventReader } from './read-events.ts'

export interface OrderWorkerDependencies extends AttemptDependencies {
  readonly broker: Broker
  readonly configuration: Configuration
  readonly prepare: PrepareSubscription
  readonly lanes: Pick<EnterLanes, 'enter'>
  readonly outcomes: OutcomeRecorder
  readonly store: StoreMessage
  /** What is in no order any more, by way of the calendar if need be. */
  readonly deliver: Deliver
  readonly readEvents: EventReader
  readonly kept: KeptPayloads
  /** An event whose payload is not in memory. */
  readonly readEvent: ReadEvent
  /** This dispatcher. */
  readonly id: string
  /** Whether a dispatcher lives. */
  readonly lives: (dispatcher: string) => boolean
  readonly logger: Logger
}

type Subscribed = ReturnType<Broker['connection']['subscribe']>

const takeAgainMs = 250
const misconfiguredMs = 60_000
/** What waits for longer is shown in the log. */
const showAfterMs = 2_000

const coming = { due: true, probing: false } as const
const comingAnew = { due: false, probing: false } as const

/**
 * Delivers the events of one subscription in order, for as long as it is this dispatcher that does. It reads EVENTS by
 * itself, from where the stored progress ends; what waits, because the endpoint fails or may not be asked right now, waits
 * here, and not in the calendar.
 */
export class OrderWorker {
  readonly #dependencies: OrderWorkerDependencies
  readonly #tenant: string
  readonly #id: string
  readonly #alarm = createAlarm()
  readonly #keeper: ReturnType<typeof createProgressKeeper>
  readonly #ahead: ReadAhead
  readonly #underway = new TransientSet<Promise<void>>()
  /** That these wait is being stored. Nothing that comes of them may be stored before: the log would show them as waiting for ever. */
  readonly #showing = new Map<number, Promise<void>>()
  /** Of these a replay waits in the calendar, too, for the attempt of this number. */
  readonly #inCalendar = new Map<number, number>()
  /** What was told of replays of those that are under way. */
  readonly #toldMeanwhile = new Map<number, number>()
  #queue = new OrderQueue({ floor: 0, upTo: 0, waiting: [], stuck: [] })
  /** The same object for as long as nothing is changed. */
  #endless: { readonly of: PreparedSubscription; readonly prepared: PreparedSubscription } | undefined
  #hasOrder = false
  #wasRecalled = false
  #stopping = false
  #ended = false
  readonly #running: Promise<void>

  constructor(dependencies: OrderWorkerDependencies, { id, tenant }: Pick<Subscription, 'id' | 'tenant'>) {
    this.#dependencies = dependencies
    this.#tenant = tenant
    this.#id = id
    this.#ahead = new ReadAhead(dependencies.readEvents, dependencies.kept)
    this.#keeper = createProgressKeeper({
      broker: dependencies.broker,
      subscriptionId: id,
      id: dependencies.id,
      lives: dependencies.lives,
      current: () => this.#queue.progress(),
      logger: dependencies.logger,
    })
    this.#running = this.#run()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#ahead.end()
        this.#ended = true
      })
  }

  /** It has stopped, because it was told to, or because there is nothing to do for it any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** What it is told counts here: it has the order, and is not about to let another dispatcher go on. */
  get isAtWork(): boolean {
    return this.#hasOrder && !this.#stopping && !this.#ended
  }

  /** There is an event of this sequence, or a change that may let it go on. */
  nudge(sequence = 0): void {
    this.#ahead.nudge(sequence)
    // Whoever still waits for the order need not ask for it because of that.
    if (this.#hasOrder) this.#alarm.ring()
  }

  /** The endpoint works again, or more may go to it. */
  recall(): void {
    // Whoever still has the order may not hear of it.
    this.#wasRecalled = !this.#hasOrder
    this.#queue.recall()
    if (this.#hasOrder) this.#alarm.ring()
  }

  /**
   * The event of this sequence was delivered, or given up, by a replay, or that waits in the calendar for the attempt of this number, which
   * may be made here before. Should nobody say so, as nothing of this is stored, or should it be attempted here at this moment,
   * it is delivered twice.
   */
  replayed(sequence: number, nextAttempt: number): void {
    // What it held is let go by now, or soon: nothing more may be stored.
    if (!this.isAtWork) return
    if (!this.#queue.isOpen(sequence)) return
    if (nextAttempt > 0) this.#inCalendar.set(sequence, nextAttempt)
    const item = this.#queue.waiting(sequence)
    if (!item) return void this.#toldMeanwhile.set(sequence, nextAttempt)
    // Ordered no longer, it would go to the calendar as well: it is there.
    if (nextAttempt > 0 && this.#subscription()?.ordered) {
      this.#queue.count(item, nextAttempt)
      this.#save()
      this.#alarm.ring()
    } else {
      if (nextAttempt === 0) this.#cancelReplay(item)
      this.#queue.start(item)
      this.#track(this.#skip(item))
    }
  }

  /** Whoever takes over must not attempt this one after a later one was delivered: that it is through is stored first. */
  async #skip(item: OrderedItem): Promise<void> {
    this.#through(item)
    await this.#keeper.save()
    this.#queue.letGo(item)
  }

  /** Finishes what is under way, and lets another dispatcher go on. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#alarm.ring()
    await this.#running
  }

  async #run(): Promise<void> {
    const first = this.#subscription()
    if (!first || !(await this.#take(first))) return
    const { connection } = this.#dependencies.broker
    const hear = (subject: string, told: (sequence: number, attempt: number) => void): Subscribed =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          const [sequence = 0, attempt = 0] = error ? [] : message.string().split(' ').map(Number)
          told(sequence, attempt)
        },
      })
    const hearing = [
      hear(dispatchersSubject.order(this.#id), (sequence) => this.nudge(sequence)),
      hear(dispatchersSubject.replayed(this.#id), (sequence, nextAttempt) => this.replayed(sequence, nextAttempt)),
    ]
    try {
      for (
        let now = this.#subscription();
        now && isSameOrder(now, first) && !this.#stopping;
        now = this.#subscription()
      ) {
        await this.#alarm.wait(await this.#goOn(now))
      }
    } catch (error) {
      this.#fail(error)
    }
    for (const heard of hearing) heard.unsubscribe()
    await Promise.all([...this.#underway, ...this.#showing.values()])
    // Whatever went wrong: while this dispatcher lives, no other one takes what it holds.
    if (this.#subscription()) await this.#keeper.release()
  }

  async #take({ inOrderFrom = 0 }: Subscription): Promise<boolean> {
    while (!this.#stopping && this.#subscription()) {
      const progress = await this.#keeper.take(inOrderFrom)
      if (progress) {
        this.#queue = new OrderQueue(progress)
        if (this.#wasRecalled) this.#queue.recall()
        this.#hasOrder = true
        return true
      }
      await this.#alarm.wait(takeAgainMs)
    }
    return false
  }

  /** Reads and starts what can be; returns how long there is nothing to do, unless the alarm rings. */
  async #goOn(subscription: Subscription): Promise<number> {
    const hasChanged = (): boolean => this.#subscription() !== subscription
    const readAll = await this.#ahead.read(subscription, this.#queue, hasChanged)
    if (hasChanged()) return 0
    this.#showWhoWaits(subscription)
    const now = Date.now()
    const showInMs = (this.#queue.firstReadAt ?? Infinity) + showAfterMs - performance.now()
    const waitMs = Math.min(showInMs, this.#ahead.lookAgainMs(this.#queue))
    if (subscription.paused) return readAll ? waitMs : 0
    const { concurrency } = subscription
    const limit =
      (concurrency ?? this.#dependencies.configuration.profileOf(this.#tenant)?.concurrency ?? 1) - this.#queue.active
    // Ordered no longer, what waits for its retry does so in the calendar.
    for (const item of this.#queue.ready(subscription.ordered ? now : Infinity, limit)) this.#start(item, subscription)
    if (!readAll) return 0
    return Math.min((this.#queue.nextAt(now) ?? Infinity) - now, waitMs)
  }

  /** Nothing tells of them else before their turns come. */
  #showWhoWaits(subscription: Subscription): void {
    const { outcomes, logger } = this.#dependencies
    for (const { item, behindOthers } of this.#queue.waitedSince(performance.now() - showAfterMs)) {
      const event = this.#ahead.event(item.sequence)
      const at = behindOthers || subscription.paused || item.at === 0 ? null : item.at
      const reason = subscription.paused ? 'paused' : behindOthers ? 'in_order' : (item.deferred ?? 'saturated')
      const deferred = { outcome: { type: 'deferred', at, reason }, attempt: null, trace: event.trace } as const
      const showing = outcomes
        .record(outcomeOf(entryOf(subscription, event, item), deferred))
        .catch((error: unknown) => logger.warn({ err: error, subscription_id: this.#id }, 'order.not_shown'))
        .finally(() => this.#showing.delete(item.sequence))
      this.#showing.set(item.sequence, showing)
    }
  }

  #start(item: OrderedItem, subscription: Subscription): void {
    this.#queue.start(item)
    const attempting = this.#attempt(item, subscription).finally(() => {
      const nextAttempt = this.#toldMeanwhile.get(item.sequence)
      this.#toldMeanwhile.delete(item.sequence)
      if (nextAttempt !== undefined) this.replayed(item.sequence, nextAttempt)
    })
    this.#track(attempting)
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#underway.delete(tracked)
        this.#alarm.ring()
      })
    this.#underway.add(tracked)
  }

  async #attempt(item: OrderedItem, subscription: Subscription): Promise<void> {
    const { lanes, signals, readEvent } = this.#dependencies
    await this.#showing.get(item.sequence)
    const event = this.#ahead.event(item.sequence)
    const entry = entryOf(subscription, event, item)
    if (!subscription.active) return this.#pass(item, entry, subscription)
    if (!subscription.ordered) return this.#deliver(item, entry, subscription)
    const prepared = this.#prepare(subscription)
    if (!prepared)
      return this.#queue.postpone(item, { ...item, at: Date.now() + misconfiguredMs, deferred: 'misconfigured' })
    // First of all: it may take as long as NATS is away.
    const content = event.content.payload === unread ? await readEvent(entry) : event.content
    const entering = lanes.enter(prepared, coming)
    const turn = entering instanceof Promise ? await entering : entering
    if ('deferUntil' in turn) return this.#queue.postpone(item, { ...item, at: turn.deferUntil, deferred: turn.reason })
    signals.inFlight.inc()
    try {
      // Only now: it may have waited for its turn, and another dispatcher may have taken over meanwhile.
      const isCertain = await makeCertain(this.#keeper, () => performance.now())
      const isAsBefore = this.#subscription() === subscription && this.#prepare(subscription) === prepared
      // Something was changed meanwhile, or a replay attempted it: it asks again, as things are now.
      if (!isCertain || !isAsBefore || this.#toldMeanwhile.has(item.sequence)) return this.#queue.postpone(item, item)
      const delivery = { entry, subscription, coming, readEvent: () => content, trace: event.trace }
      await this.#conclude(item, entry, await attemptDelivery(this.#dependencies, delivery, prepared, turn))
    } finally {
      turn.leave()
      signals.inFlight.dec()
    }
  }

  async #conclude(item: OrderedItem, entry: CalendarEntry, result: Result): Promise<void> {
    const { outcomes } = this.#dependencies
    const { outcome } = result
    if (outcome.type === 'retry') {
      await outcomes.record(outcomeOf(entry, result))
      const [attempt, retries] = [item.attempt + 1, item.retries + 1]
      this.#queue.postpone(item, { attempt, retries, at: outcome.at, isHeldUp: result.isHeldUp })
      this.#save()
    } else if (outcome.type === 'delivered') {
      // Whoever takes over delivers this one again before the next one: it may go before anything is stored.
      this.#queue.letGo(item)
      this.#alarm.ring()
      await outcomes.record(outcomeOf(entry, result))
      this.#cancelReplay(item)
      this.#through(item)
      this.#save()
    } else {
      await outcomes.record(outcomeOf(entry, result))
      await this.#skip(item)
    }
  }

  /** An event that a subscription does not get because it is not active. */
  async #pass(item: OrderedItem, entry: CalendarEntry, { disabled }: Subscription): Promise<void> {
    const reason = disabled ? 'subscription_disabled' : 'subscription_inactive'
    const { trace } = this.#ahead.event(item.sequence)
    const cancelled = { outcome: { type: 'cancelled', reason }, attempt: null, trace } as const
    await this.#dependencies.outcomes.record(outcomeOf(entry, cancelled))
    this.#through(item)
    this.#queue.letGo(item)
    this.#save()
  }

  /** Ordered no longer: none waits for one that fails, or takes up room here until it does not. */
  async #deliver(item: OrderedItem, entry: CalendarEntry, subscription: Subscription): Promise<void> {
    const { store, deliver, readEvent } = this.#dependencies
    const { content, trace } = this.#ahead.event(item.sequence)
    const readContent = () => (content.payload === unread ? readEvent(entry) : content)
    if (item.at > Date.now()) await scheduleDelivery(store, entry, { at: item.at }, trace)
    else await deliver({ entry, subscription, coming: comingAnew, readEvent: readContent, trace })
    this.#through(item)
    this.#queue.letGo(item)
    this.#save()
  }

  #through(item: OrderedItem): void {
    this.#inCalendar.delete(item.sequence)
    this.#queue.through(item)
    this.#ahead.forget(item.sequence)
  }

  /**
   * Of what was delivered: it would come again, after later events. What is through in another way is still to be replayed,
   * and so is what waits for a later attempt than this one, as then that one counts in the log.
   */
  #cancelReplay({ sequence, attempt }: OrderedItem): void {
    const { broker, logger } = this.#dependencies
    if ((this.#inCalendar.get(sequence) ?? Infinity) > attempt) return
    const { tenant, eventId } = this.#ahead.event(sequence)
    const filter = calendarSubject(this.#id, deliveryIdOf(tenant, eventId, this.#id), sequence)
    broker.manager.streams
      .purge(StreamName.deliveries, { filter })
      .catch((error: unknown) => logger.warn({ err: error, subject: filter }, 'order.replay_not_cancelled'))
  }

  #prepare(subscription: Subscription): PreparedSubscription | undefined {
    const { prepare, logger } = this.#dependencies
    try {
      const prepared = prepare(subscription)
      if (!subscription.ordered || subscription.whenStuck !== 'block') return prepared
      if (this.#endless?.of !== prepared)
        this.#endless = { of: prepared, prepared: { ...prepared, retry: { ...prepared.retry, endless: true } } }
      return this.#endless.prepared
    } catch (error) {
      logger.error({ err: error, tenant: this.#tenant, subscription_id: this.#id }, 'subscription.misconfigured')
      return undefined
    }
  }

  #subscription(): Subscription | undefined {
    return this.#dependencies.configuration.subscription(this.#tenant, this.#id)
  }

  #save(): void {
    this.#keeper.save().catch((error: unknown) => this.#fail(error))
  }

  /** Nothing more is attempted here. The worker is started again, if it is still this dispatcher's, from what is stored. */
  #fail(error: unknown): void {
    const { logger } = this.#dependencies
    if (error instanceof SupersededError) logger.info({ subscription_id: this.#id }, 'order.superseded')
    else logger.error({ err: error, subscription_id: this.#id }, 'order.failed')
    this.#stopping = true
    this.#alarm.ring()
  }
}

function isSameOrder(a: Subscription, b: Subscription): boolean {
  return a.ordered === b.ordered && a.orderingKey === b.orderingKey
}

function entryOf(subscription: Subscription, event: AcceptedEvent, { attempt, retries }: OrderedItem): CalendarEntry {
  const { tenant, eventId, eventType, sequence, acceptedAt } = event
  return {
    deliveryId: deliveryIdOf(tenant, eventId, subscription.id),
    tenant,
    subscriptionId: subscription.id,
    eventId,
    eventType,
    eventSequence: sequence,
    acceptedAt,
    attempt,
    retries,
    trigger: attempt === 1 ? 'event' : 'retry',
  }
}
