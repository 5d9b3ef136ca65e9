import type { Configuration } from '@jethook/configuration'
import { createId, deliveryIdOf, intakeSubject, MessageHeader } from '@jethook/contracts'
import { testEventType } from '@jethook/profiles'
import { messageHeaders, type Publisher, type TraceContext, type Tracing } from '@jethook/runtime'
import type { RequireDestinations } from '../destination/require-destination.ts'
import type { Signals } from '../signals.ts'

export interface TestEvent {
  readonly tenant: string
  readonly subscriptionId: string
  /** Who asked for it. */
  readonly by: string
  readonly traceContext: TraceContext
}

/**
 * Puts a test event where producers put theirs, for one subscription alone. Rejects with PublishError, and with
 * `destination_refused` when the request could not be made.
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
    await requireDestinations(configuration.subscription(tenant, subscriptionId) ?? {})
    const now = Date.now()
    const eventId = createId('evt', now)
    const span = tracing.startSpan('subscription.test', traceContext, { 'jethook.event.id': eventId })
    const header = messageHeaders({
      [MessageHeader.messageId]: eventId,
      [MessageHeader.onlySubscription]: subscriptionId,
      ...span.traceContext,
    })
    try {
      await publisher.publish(intakeSubject(tenant, testEventType), payload(subscriptionId, now), header)
      span.end()
    } catch (error) {
      span.end(String(error))
      throw error
    }
    signals.testSent(tenant, subscriptionId, eventId, by)
    return { eventId, deliveryId: deliveryIdOf(tenant, eventId, subscriptionId) }
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
