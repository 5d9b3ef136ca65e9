import type { Configuration, Subscription } from '@jethook/configuration'
import { deliveryIdOf, MessageHeader, parseEventSubject, type CalendarEntry } from '@jethook/contracts'
import type { JsMsg, TraceContext } from '@jethook/runtime'
import type { Coming } from '../lanes/lane.ts'
import { contentOf, type EventContent } from '../match/event-content.ts'
import type { WhyNot } from '../match/why-not.ts'
import type { Deliver } from './deliver.ts'

export interface DeliverEventDependencies {
  readonly configuration: Configuration
  readonly whyNot: WhyNot
  readonly deliver: Deliver
}

/** An event taken from EVENTS goes to every subscription that matches. Resolves when all outcomes are stored. */
export async function deliverEvent(
  { configuration, whyNot, deliver }: DeliverEventDependencies,
  message: JsMsg,
): Promise<void> {
  const { tenant, eventType } = parseEventSubject(message.subject)
  const header = (name: string): string => message.headers?.get(name) ?? ''
  const eventId = header(MessageHeader.eventId)
  const acceptedAt = Number(header(MessageHeader.acceptedAt))
  const onlySubscription = header(MessageHeader.onlySubscription)
  const trace = traceOf(message)
  // A test event is there to find out whether the endpoint works.
  const isTest = onlySubscription !== ''
  const coming: Coming = { due: false, probing: isTest }
  const content = contentOf(message)
  const readEvent = (): EventContent => content

  const deliveries: Promise<void>[] = []
  for (const subscription of recipients(configuration, tenant, eventType, onlySubscription)) {
    // What was meant for this one alone ends in its log, whatever becomes of it.
    if (!onlySubscription && whyNot(subscription, eventType, content, Date.now())) continue
    const entry: CalendarEntry = {
      deliveryId: deliveryIdOf(tenant, eventId, subscription.id),
      tenant,
      subscriptionId: subscription.id,
      eventId,
      eventType,
      eventSequence: message.seq,
      acceptedAt,
      attempt: 1,
      retries: 0,
      trigger: 'event',
      ...(isTest && { test: true }),
    }
    deliveries.push(deliver({ entry, subscription, coming, readEvent, trace }))
  }
  await Promise.all(deliveries)
}

function recipients(
  configuration: Configuration,
  tenant: string,
  eventType: string,
  onlySubscription: string,
): Iterable<Subscription> {
  if (!onlySubscription) return configuration.matching(tenant, eventType)
  const only = configuration.subscription(tenant, onlySubscription)
  return only ? [only] : []
}

export function traceOf(message: JsMsg): TraceContext {
  return {
    traceparent: message.headers?.get(MessageHeader.traceparent) || undefined,
    tracestate: message.headers?.get(MessageHeader.tracestate) || undefined,
  }
}
