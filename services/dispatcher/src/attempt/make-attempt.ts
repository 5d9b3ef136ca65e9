import { createId, type Attempt, type CalendarEntry } from '@jethook/contracts'
import type { PreparedSubscription } from '../match/prepare-subscription.ts'
import { retryAfterMs } from './retry-after.ts'
import type { PostToEndpoint } from './post-to-endpoint.ts'
import { redactEcho, redactRequest } from './redact-credentials.ts'

export interface AttemptRequest {
  readonly entry: CalendarEntry
  readonly prepared: PreparedSubscription
  /** What the producer published. */
  readonly payload: Uint8Array
  /** Passed on to the receiver, unless the instrumented HTTP client does that itself. */
  readonly traceHeaders: Record<string, string>
}

/** One signed POST. Never rejects: a failing endpoint is a result. */
export async function makeAttempt(post: PostToEndpoint, request: AttemptRequest): Promise<Attempt> {
  const { entry, prepared, payload } = request
  const { customHeaders } = prepared.credentials
  const startedAt = Date.now()
  const started = performance.now()
  const { headers, body } = prepared.render({
    tenant: entry.tenant,
    eventId: entry.eventId,
    eventType: entry.eventType,
    eventTimeMs: entry.acceptedAt,
    deliveryId: entry.deliveryId,
    attempt: entry.attempt,
    nowMs: startedAt,
    payload,
  })
  Object.assign(headers, request.traceHeaders)
  const { response, error, connection, tokenMs } = await post(prepared, { headers, body })
  const pauseMs = retryAfterMs(response?.headers['retry-after'], Date.now())
  return {
    id: createId('att', startedAt),
    number: entry.attempt,
    trigger: entry.trigger,
    url: prepared.subscription.url,
    startedAt,
    durationMs: Math.round((performance.now() - started) * 1_000) / 1_000,
    ...(tokenMs !== undefined && { tokenMs }),
    requestHeaders: redactRequest(headers, customHeaders),
    response: redactEcho(response, customHeaders),
    error,
    ...(pauseMs !== undefined && { retryAfterMs: pauseMs }),
    ...(connection && { connection }),
  }
}

export const succeeded = (attempt: Attempt, prepared: PreparedSubscription): boolean =>
  attempt.error === null && attempt.response !== null && prepared.profile.isSuccess(attempt.response.status)
