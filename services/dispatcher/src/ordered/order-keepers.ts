import { setTimeout as delay } from 'node:timers/promises'
import type { Subscription } from '@jethook/configuration'
import { dispatchersSubject, type DomainEvent } from '@jethook/contracts'
import type { Peers } from '../peers/join-peers.ts'
import { OrderWorker, type OrderWorkerDependencies } from './order-worker.ts'

/** The ordered subscriptions that are this dispatcher's to deliver. */
export interface OrderKeepers {
  /** There is an event for an ordered subscription, whosever it is. */
  nudge(subscriptionId: string, sequence: number): void
  /** Its event of this sequence was delivered by a replay, or that waits in the calendar for the attempt of this number. */
  replayed(subscriptionId: string, sequence: number, nextAttempt?: number): void
  /** What waits for its turn need not wait any longer. Who keeps the order keeps the lane, too. */
  readonly recall: (subscriptionId: string) => void
  changed(event: DomainEvent): void
  /** Finishes what is under way, and lets the other dispatchers go on. */
  stop(): Promise<void>
}

export interface OrderKeepersOptions extends Omit<OrderWorkerDependencies, 'kept'> {
  readonly peers: Pick<Peers, 'owns'>
}

const reviewEveryMs = 500
/** What takes longer to finish at a stop is attempted again by another dispatcher. */
const finishWithinMs = 20_000

/** Each ordered subscription is delivered by one dispatcher: all name the same one, and who comes or goes changes that. */
export function createOrderKeepers({ peers, ...options }: OrderKeepersOptions): OrderKeepers {
  const dependencies = { ...options, kept: { bytes: 0 } }
  const { broker, configuration } = dependencies
  const inOrder = new Map<string, Pick<Subscription, 'id' | 'tenant'>>()
  const workers = new Map<string, OrderWorker>()

  const add = (subscription: Subscription | undefined): void => {
    if (subscription?.inOrderFrom !== undefined) inOrder.set(subscription.id, subscription)
  }
  for (const { id: tenant } of configuration.tenants()) {
    for (const subscription of configuration.subscriptions(tenant).values()) add(subscription)
  }

  const tell = (subject: string, ...numbers: number[]): void => {
    if (broker.connected()) broker.connection.publish(subject, numbers.join(' '))
  }
  let stopping = false
  const review = (): void => {
    if (stopping) return
    for (const [id, subscription] of inOrder) {
      const isOurs = peers.owns(id)
      let worker = workers.get(id)
      if (worker?.ended) workers.delete(id)
      worker = workers.get(id)
      if (isOurs && !worker) workers.set(id, new OrderWorker(dependencies, subscription))
      if (!isOurs && worker) void worker.stop()
    }
    for (const [id, worker] of workers) if (!inOrder.has(id) && worker.ended) workers.delete(id)
  }
  review()
  const reviewing = setInterval(review, reviewEveryMs)
  /** What others said meanwhile was not heard. */
  const lookAfterReconnecting = async (): Promise<void> => {
    for await (const { type } of broker.connection.status())
      if (type === 'reconnect') for (const worker of workers.values()) worker.nudge()
  }
  void lookAfterReconnecting()

  return {
    nudge(subscriptionId, sequence) {
      const worker = workers.get(subscriptionId)
      if (worker?.isAtWork) worker.nudge(sequence)
      else tell(dispatchersSubject.order(subscriptionId), sequence)
    },
    replayed(subscriptionId, sequence, nextAttempt = 0) {
      const worker = workers.get(subscriptionId)
      if (worker?.isAtWork) worker.replayed(sequence, nextAttempt)
      else tell(dispatchersSubject.replayed(subscriptionId), sequence, nextAttempt)
    },
    recall: (subscriptionId) => workers.get(subscriptionId)?.recall(),
    changed(event) {
      if (!('subscriptionId' in event)) return
      const { tenant, subscriptionId } = event
      const subscription = configuration.subscription(tenant, subscriptionId)
      if (!subscription) inOrder.delete(subscriptionId)
      const isNew = !inOrder.has(subscriptionId)
      add(subscription)
      if (isNew && inOrder.has(subscriptionId)) review()
      workers.get(subscriptionId)?.nudge()
    },
    async stop() {
      stopping = true
      clearInterval(reviewing)
      const stopped = Promise.all(Array.from(workers.values(), (worker) => worker.stop()))
      await Promise.race([stopped, delay(finishWithinMs, undefined, { ref: false })])
    },
  }
}
