import { createId, type Attempt, type CalendarEntry } from '@jethook/contracts'
import type { Dispatcher as HttpClient } from 'undici'
import type { PreparedSubscription } from '../match/prepare-subscription.ts'
import { sendRequest } from './send-request.ts'

export interface AttemptRequest {
  readonly entry: CalendarEntry
  readonly prepared: PreparedSubscription
  readonly body: Uint8Array
  /** Passed on to the receiver, unless the instrumented HTTP client does that itself. */
  readonly traceHeaders: Record<string, string>
}

/** One signed POST. Never rejects: a failing endpoint is a result. */
export async function makeAttempt(client: HttpClient, request: AttemptRequest): Promise<Attempt> {
  const { entry, prepared, body } = request
  const startedAt = Date.now()
  const started = performance.now()
  const headers = prepared.profile.renderHeaders(
    {
      tenant: entry.tenant,
      eventId: entry.eventId,
      eventType: entry.eventType,
      deliveryId: entry.deliveryId,
      attempt: entry.attempt,
      nowMs: startedAt,
      body,
    },
    prepared.secret,
  )
  Object.assign(headers, request.traceHeaders)
  const { response, error } = await sendRequest(client, {
    destination: prepared.destination,
    headers,
    body,
    timeoutMs: prepared.timeoutMs,
  })
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
  }
}

export const succeeded = (attempt: Attempt, prepared: PreparedSubscription): boolean =>
  attempt.error === null && attempt.response !== null && prepared.profile.isSuccess(attempt.response.status)
