import type { Configuration } from '@jethook/configuration'
import { createId, ProblemError, type AcceptedEvent } from '@jethook/contracts'
import type { Broker, TraceContext, Tracing } from '@jethook/runtime'
import { appendEvent } from '../accept/append-event.ts'
import { readAcceptance, type Acceptance } from '../accept/read-acceptance.ts'
import type { Submission } from '../accept/submission.ts'
import { validateEvent } from '../accept/validate-event.ts'
import { validatePayloadSchema } from '../accept/validate-payload-schema.ts'
import type { Signals } from '../signals.ts'
import { withBroker } from './broker-answers.ts'
import { rejectionProblem } from './field-problems.ts'

export interface PublishContext {
  readonly broker: Broker
  readonly configuration: Pick<Configuration, 'tenant' | 'profileOf' | 'sequence'>
  readonly tracing: Tracing
  readonly signals: Signals
  readonly maxPayloadBytes: number
  readonly now: () => number
}

/** Who publishes. */
export interface PublishRequest {
  readonly tenant: string
  readonly trace: TraceContext
}

/**
 * Stores one event and says what the producer is to be answered; its payload is JSON already. `path` is where the event
 * stands in the body. Throws a ProblemError when the event is not valid, or not confirmed as stored.
 */
export async function publishEvent(
  context: PublishContext,
  request: PublishRequest,
  item: Submission | ProblemError,
  path: string,
): Promise<AcceptedEvent> {
  const startedAt = performance.now()
  try {
    if (item instanceof ProblemError) throw item
    const { configuration, maxPayloadBytes } = context
    const rejection = validateEvent(item, configuration, maxPayloadBytes) ?? validatePayloadSchema(item, configuration)
    if (rejection) throw rejectionProblem(rejection, path)

    const acceptedAt = context.now()
    const event = { id: item.producerId ?? createId('evt', acceptedAt), type: item.eventType, acceptedAt }
    const { duplicate, acceptance } = await store(context, request, event, item)
    context.signals.httpAccepted(duplicate, startedAt)
    return { ...acceptance, acceptedAt: new Date(acceptance.acceptedAt).toISOString(), duplicate }
  } catch (error) {
    if (error instanceof ProblemError) context.signals.httpFailed(request.tenant, error)
    throw error
  }
}

async function store(
  { broker, configuration, tracing }: PublishContext,
  { tenant, trace }: PublishRequest,
  event: Acceptance,
  { payload, user }: Submission,
): Promise<{ duplicate: boolean; acceptance: Acceptance }> {
  // With tracing on, the request has its own span, which is the parent then.
  const span = tracing.startSpan('event.accept', tracing.enabled ? {} : trace, () => ({
    'jethook.tenant': tenant,
    'jethook.event.type': event.type,
    'jethook.event.id': event.id,
  }))
  const { id: eventId, type: eventType, acceptedAt } = event
  const appendAndRead = async () => {
    const { duplicate, sequence } = await appendEvent(broker.publisher, {
      tenant,
      eventType,
      eventId,
      payload,
      acceptedAt,
      configSequence: configuration.sequence,
      user,
      trace: span.traceContext,
    })
    return { duplicate, acceptance: duplicate ? await readAcceptance(broker, sequence) : event }
  }
  try {
    const stored = await withBroker(appendAndRead())
    span.end()
    return stored
  } catch (error) {
    span.end(String(error))
    throw error
  }
}
