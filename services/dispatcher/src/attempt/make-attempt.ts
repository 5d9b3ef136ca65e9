import { createId, type Attempt, type CalendarEntry } from '@jethook/contracts'
import type { RenderedRequest } from '@jethook/profiles'
import type { TraceContext } from '@jethook/runtime'
import type { PreparedSubscription } from '../match/prepare-subscription.ts'
import { redactRequest, redactResponse } from './redact-credentials.ts'
import { retryAfterMs } from './retry-after.ts'
import type { HttpResult } from './send-request.ts'

/** One signed POST, which is to be sent now. */
export interface BegunAttempt {
  readonly entry: CalendarEntry
  readonly prepared: PreparedSubscription
  readonly request: RenderedRequest
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** By the clock of `performance.now()`. */
  readonly started: number
}

/** `payload`: what the producer published. `trace` is passed on to the receiver. */
export function beginAttempt(
  prepared: PreparedSubscription,
  entry: CalendarEntry,
  payload: Uint8Array,
  { traceparent, tracestate }: TraceContext,
): BegunAttempt {
  const startedAt = Date.now()
  const started = performance.now()
  const request = prepared.render({
    tenant: entry.tenant,
    eventId: entry.eventId,
    eventType: entry.eventType,
    eventTimeMs: entry.acceptedAt,
    deliveryId: entry.deliveryId,
    attempt: entry.attempt,
    nowMs: startedAt,
    payload,
  })
  if (traceparent) request.headers['traceparent'] = traceparent
  if (tracestate) request.headers['tracestate'] = tracestate
  return { entry, prepared, request, startedAt, started }
}

/** What is kept of it. A failing endpoint is a result like another. */
export function endAttempt(
  { entry, prepared, request, startedAt, started }: BegunAttempt,
  { response, error, connection, tokenMs }: HttpResult,
): Attempt {
  const { customHeaders } = prepared.credentials
  const pauseMs = retryAfterMs(response?.headers['retry-after'], Date.now())
  return {
    id: createId('att', startedAt),
    number: entry.attempt,
    trigger: entry.trigger,
    url: prepared.subscription.url,
    startedAt,
    durationMs: Math.round((performance.now() - started) * 1_000) / 1_000,
    ...(tokenMs !== undefined && { tokenMs }),
    requestHeaders: redactRequest(request.headers, customHeaders),
    response: redactResponse(response, request.headers['authorization'], customHeaders),
    error,
    ...(pauseMs !== undefined && { retryAfterMs: pauseMs }),
    ...(connection && { connection }),
  }
}

export const succeeded = (attempt: Attempt, prepared: PreparedSubscription): boolean =>
  attempt.error === null && attempt.response !== null && prepared.profile.isSuccess(attempt.response.status)
