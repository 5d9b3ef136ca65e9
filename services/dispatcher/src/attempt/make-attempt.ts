import { createId, type Attempt, type CalendarEntry } from '@jethook/contracts'
import type { Dispatcher as HttpClient } from 'undici'
import type { PreparedSubscription } from '../match/prepare-subscription.ts'
import { retryAfterMs } from './retry-after.ts'
import { sendRequest } from './send-request.ts'

export interface AttemptRequest {
  readonly entry: CalendarEntry
  readonly prepared: PreparedSubscription
  /** What the producer published. */
  readonly payload: Uint8Array
  /** Passed on to the receiver, unless the instrumented HTTP client does that itself. */
  readonly traceHeaders: Record<string, string>
}

/** One signed POST. Never rejects: a failing endpoint is a result. */
export async function makeAttempt(client: HttpClient, request: AttemptRequest): Promise<Attempt> {
  const { entry, prepared, payload } = request
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
  const { response, error } = await sendRequest(client, {
    destination: prepared.destination,
    headers,
    body,
    timeoutMs: prepared.timeoutMs,
  })
  const pauseMs = retryAfterMs(response?.headers['retry-after'], Date.now())
  return {
    id: createId('att', startedAt),
    number: entry.attempt,
    trigger: entry.trigger,
    url: prepared.subscription.url,
    startedAt,
    durationMs: Math.round((performance.now() - started) * 1_000) / 1_000,
    requestHeaders: headers,
    response,
    error,
    ...(pauseMs !== undefined && { retryAfterMs: pauseMs }),
  }
}

export const succeeded = (attempt: Attempt, prepared: PreparedSubscription): boolean =>
  attempt.error === null && attempt.response !== null && prepared.profile.isSuccess(attempt.response.status)
