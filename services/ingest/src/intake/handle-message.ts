import type { ConfigurationFollower } from '@jethook/configuration'
import { PublishError, type Broker, type JsMsg, type Tracing } from '@jethook/runtime'
import { appendEvent } from '../accept/append-event.ts'
import type { Rejection } from '../accept/submission.ts'
import { validateEvent } from '../accept/validate-event.ts'
import { validateJson } from '../accept/validate-json.ts'
import { validatePayloadSchema } from '../accept/validate-payload-schema.ts'
import { deriveEventId, readIntakeMessage, type IntakeMessage } from './intake-message.ts'
import { rejectedMessage } from './rejected-message.ts'

/** What became of a message of INTAKE. */
export type IntakeOutcome =
  /** EVENTS holds it. */
  | { readonly type: 'accepted'; readonly duplicate: boolean; readonly arrivedAtMs: number }
  /** REJECTED holds it. */
  | { readonly type: 'rejected'; readonly rejection: Rejection }
  /** Nothing was stored: it must come again. */
  | { readonly type: 'postponed'; readonly why: string; readonly cause: unknown }

export interface IntakeContext {
  readonly broker: Pick<Broker, 'connection' | 'publisher'>
  readonly follower: Pick<ConfigurationFollower, 'configuration' | 'caughtUp'>
  readonly tracing: Tracing
  readonly maxPayloadBytes: number
  readonly now: () => number
}

/** Brings one message of INTAKE to EVENTS or to REJECTED. Resolves when it is stored there, or could not be; never rejects. */
export async function handleMessage(context: IntakeContext, message: JsMsg): Promise<IntakeOutcome> {
  try {
    await context.follower.caughtUp()
  } catch (cause) {
    return { type: 'postponed', why: 'configuration_unavailable', cause }
  }
  try {
    const read = readIntakeMessage(message)
    const rejection = validate(context, read)
    return rejection ? await reject(context, read, rejection) : await accept(context, read)
  } catch (cause) {
    return { type: 'postponed', why: cause instanceof PublishError ? cause.code : 'failed', cause }
  }
}

function validate({ follower, maxPayloadBytes }: IntakeContext, read: IntakeMessage): Rejection | undefined {
  if (!read.headersReadable) return { code: 'invalid_request', reason: 'A header holds a stray line break.' }
  const { submission } = read
  return (
    validateEvent(submission, follower.configuration, maxPayloadBytes) ??
    validateJson(submission.payload) ??
    validatePayloadSchema(submission, follower.configuration)
  )
}

async function accept({ broker, follower, tracing, now }: IntakeContext, read: IntakeMessage): Promise<IntakeOutcome> {
  const { tenant, eventType, producerId, user, payload } = read.submission
  const eventId = producerId ?? deriveEventId(read)
  const span = tracing.startSpan('event.accept', read.trace, () => ({
    'jethook.tenant': tenant,
    'jethook.event.type': eventType,
    'jethook.event.id': eventId,
  }))
  try {
    const { duplicate } = await appendEvent(broker.publisher, {
      tenant,
      eventType,
      eventId,
      payload,
      acceptedAt: now(),
      configSequence: follower.configuration.sequence,
      trace: span.traceContext,
      onlySubscription: read.onlySubscription,
      user,
    })
    span.end()
    return { type: 'accepted', duplicate, arrivedAtMs: read.arrivedAtMs }
  } catch (error) {
    span.end(String(error))
    throw error
  }
}

async function reject({ broker }: IntakeContext, read: IntakeMessage, rejection: Rejection): Promise<IntakeOutcome> {
  const { subject, headers, payload } = rejectedMessage(
    read,
    rejection,
    broker.connection.info?.max_payload ?? 1_048_576,
  )
  await broker.publisher.publish(subject, payload, headers)
  return { type: 'rejected', rejection }
}
