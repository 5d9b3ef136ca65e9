import type { Configuration } from '@jethook/configuration'
import { attemptsSubject, calendarSubject, dueSubject, MessageHeader, ProblemError } from '@jethook/contracts'
import { messageHeaders, type Broker, type TraceContext, type Tracing } from '@jethook/runtime'
import type { FindPayload } from '../events/find-payload.ts'
import type { Signals } from '../signals.ts'
import { requireUnexpired } from './require-unexpired.ts'
import { replayMessages, type Replayable } from './replay-messages.ts'

export interface ReplayRequest {
  readonly tenant: string
  readonly deliveryId: string
  /** Who asked for it. */
  readonly by: string
  readonly traceContext: TraceContext
}

/**
 * Starts a delivery anew. Throws `delivery_not_found`, `subscription_not_found`, `subscription_expired`, `event_expired`,
 * `database_unavailable`, `broker_unavailable`; rejects with PublishError.
 */
export type ReplayDelivery = (request: ReplayRequest) => Promise<void>

export interface ReplayDeliveryOptions {
  readonly broker: Broker
  readonly configuration: Configuration
  readonly tracing: Tracing
  readonly signals: Signals
  readonly findPayload: FindPayload
  readonly findDelivery: (tenant: string, deliveryId: string) => Promise<Replayable | undefined>
}

export function createReplayDelivery(options: ReplayDeliveryOptions): ReplayDelivery {
  const { broker, configuration, tracing, signals, findDelivery, findPayload } = options

  const findReplayable = async (tenant: string, deliveryId: string): Promise<Replayable> => {
    const delivery = await findDelivery(tenant, deliveryId)
    if (!delivery) throw new ProblemError('delivery_not_found', `There is no delivery ${deliveryId}.`)
    const subscription = configuration.subscription(tenant, delivery.subscriptionId)
    if (!subscription) {
      const text = `The subscription ${delivery.subscriptionId} of this delivery was deleted: there is no URL to send it to.`
      throw new ProblemError('subscription_not_found', text)
    }
    requireUnexpired(subscription)
    if (!(await findPayload(delivery))) {
      const text = `The event ${delivery.eventId} is no longer kept, so there is nothing to send. RETENTION_DAYS says for how long.`
      throw new ProblemError('event_expired', text)
    }
    return delivery
  }

  return async ({ tenant, deliveryId, by, traceContext }) => {
    const delivery = await findReplayable(tenant, deliveryId)
    const now = Date.now()
    const span = tracing.startSpan('delivery.replay', traceContext, () => ({ 'jethook.delivery.id': deliveryId }))
    const { outcome, entry } = replayMessages(delivery, by, now, span.traceContext.traceparent)
    try {
      // The log first: the other way round a quick attempt could be overtaken by this line, and look pending for ever.
      await broker.publisher.publish(attemptsSubject('subscriptions'), JSON.stringify([outcome]))
      // An entry that waits there already is replaced: it is the same delivery.
      await broker.publisher.publish(
        calendarSubject(delivery.subscriptionId, deliveryId, delivery.eventSequence),
        JSON.stringify(entry),
        messageHeaders({
          [MessageHeader.schedule]: `@at ${new Date(now).toISOString()}`,
          [MessageHeader.scheduleTarget]: dueSubject(delivery.subscriptionId),
          ...span.traceContext,
        }),
      )
      span.end()
    } catch (error) {
      span.end(String(error))
      throw error
    }
    signals.replayed(delivery, by)
  }
}
