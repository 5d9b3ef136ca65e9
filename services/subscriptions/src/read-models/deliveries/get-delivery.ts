import { Attempt, type AttemptResource, type DeliveryDetail } from '@jethook/contracts'
import { sql, type CommonQueryMethods } from 'slonik'
import { z } from 'zod'
import { isoTime } from '../times.ts'
import { deliveryById, deliveryResource } from './delivery.ts'

const AttemptRow = z.object({
  outcome: z.string(),
  attempt: z
    .string()
    .transform((json): unknown => JSON.parse(json))
    .pipe(Attempt),
})
type AttemptRow = z.infer<typeof AttemptRow>

/** One that blocks its order is attempted until it is delivered, a hundred thousand times perhaps. */
const mostAttempts = 200

/** A delivery with its attempts, the latest ones where there are very many: those made twice after a crash have the same number, and stand in order of time. */
export async function getDelivery(
  database: CommonQueryMethods,
  tenant: string,
  deliveryId: string,
): Promise<DeliveryDetail | undefined> {
  const row = await database.maybeOne(deliveryById(tenant, deliveryId))
  if (!row) return undefined
  const attempts = await database.any(sql.type(AttemptRow)`
    SELECT outcome, attempt FROM attempts
    WHERE accepted_at = ${isoTime(row.accepted_at)} AND delivery_id = ${deliveryId}
    ORDER BY id DESC
    LIMIT ${mostAttempts}`)
  return { ...deliveryResource(row), attempts: attempts.toSorted(inOrder).map(attemptResource) }
}

const inOrder = ({ attempt: a }: AttemptRow, { attempt: b }: AttemptRow): number =>
  a.number - b.number || a.startedAt - b.startedAt

function attemptResource({ outcome, attempt }: AttemptRow): AttemptResource {
  const { response, connection } = attempt
  return {
    id: attempt.id,
    number: attempt.number,
    trigger: attempt.trigger,
    startedAt: isoTime(attempt.startedAt),
    durationMs: attempt.durationMs,
    outcome,
    status: response?.status ?? null,
    error: attempt.error,
    decision: attempt.decision ?? null,
    address: connection?.address ?? null,
    connectionReused: connection?.reused ?? null,
    timing: {
      tokenMs: attempt.tokenMs ?? null,
      dnsMs: connection?.dnsMs ?? null,
      connectMs: connection?.connectMs ?? null,
      tlsMs: connection?.tlsMs ?? null,
      firstByteMs: connection?.firstByteMs ?? null,
      totalMs: attempt.durationMs,
    },
    retryAfterMs: attempt.retryAfterMs ?? null,
    request: { url: attempt.url, headers: attempt.requestHeaders },
    response: response && {
      headers: response.headers,
      body: response.body,
      bodyTruncated: response.bodyTruncated,
    },
  }
}
