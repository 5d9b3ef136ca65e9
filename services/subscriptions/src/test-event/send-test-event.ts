import type { Configuration } from '@jethook/configuration'
import {
  attemptsSubject,
  createId,
  deliveryIdOf,
  eventSubject,
  MessageHeader,
  type DeliveryOutcome,
} from '@jethook/contracts'
import { testEventType } from '@jethook/profiles'
import { messageHeaders, type Publisher, type TraceContext, type Tracing } from '@jethook/runtime'
import type { RequireDestinations } from '../destination/require-destination.ts'
import { requireUnexpired } from '../replay/require-unexpired.ts'
import type { Signals } from '../signals.ts'

export interface TestEvent {
  readonly tenant: string
  readonly subscriptionId: string
  /** Who asked for it. */
  readonly by: string
  readonly traceContext: TraceContext
}

/**
 * Stores a test event as accepted, for one subscription alone: there is nothing about it to validate. Then the log is
 * told, so that its delivery can be watched at once, and not only when the first attempt has ended. Rejects with
 * PublishError, with `destination_refused` when the request could not be made, and with `subscription_expired`.
 */
export type SendTestEvent = (test: TestEvent) => Promise<{ eventId: string; deliveryId: string }>

export interface SendTestEventOptions {
  readonly configuration: Configuration
  readonly requireDestinations: RequireDestinations
  readonly publisher: Publisher
  readonly tracing: Tracing
  readonly signals: Signals
}

export function createSendTestEvent(options: SendTestEventOptions): SendTestEvent {
  const { configuration, requireDestinations, publisher, tracing, signals } = options
  return async ({ tenant, subscriptionId, by, traceContext }) => {
    const subscription = configuration.subscription(tenant, subscriptionId)
    if (subscription) requireUnexpired(subscription)
    await requireDestinations(subscription ?? {})
    const now = Date.now()
    const eventId = createId('evt', now)
    const deliveryId = deliveryIdOf(tenant, eventId, subscriptionId)
    const span = tracing.startSpan('subscription.test', traceContext, () => ({ 'jethook.event.id': eventId }))
    const header = messageHeaders({
      [MessageHeader.messageId]: `${tenant}/${eventId}`,
      [MessageHeader.eventId]: eventId,
      [MessageHeader.acceptedAt]: String(now),
      [MessageHeader.onlySubscription]: subscriptionId,
      ...span.traceContext,
    })
    try {
      const subject = eventSubject(tenant, testEventType)
      const { sequence } = await publisher.publish(subject, payload(subscriptionId, now), header)
      const outcome: DeliveryOutcome = {
        deliveryId,
        tenant,
        subscriptionId,
        eventId,
        eventType: testEventType,
        eventSequence: sequence,
        acceptedAt: now,
        at: now,
        outcome: { type: 'replayed', by, attempt: 1 },
        attempt: null,
      }
      // The event is on its way, whatever becomes of this line: without it the delivery is seen a bit later.
      await publisher.publish(attemptsSubject('subscriptions'), JSON.stringify([outcome])).catch(() => undefined)
      span.end()
    } catch (error) {
      span.end(String(error))
      throw error
    }
    signals.testSent(tenant, subscriptionId, eventId, by)
    return { eventId, deliveryId }
  }
}

function payload(subscriptionId: string, now: number): string {
  return JSON.stringify({
    event: testEventType,
    subscription: subscriptionId,
    message: 'A test of this subscription, sent on request. Nothing happened.',
    sentAt: new Date(now).toISOString(),
  })
}
