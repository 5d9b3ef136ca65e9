import { AttemptTrigger, type AttemptResource, type DeliveryDetail } from '@jethook/contracts'
import { sql, type CommonQueryMethods } from 'slonik'
import { z } from 'zod'
import { isoTime } from '../times.ts'
import { deliveryById, deliveryResource } from './delivery.ts'

const Headers = z.record(z.string(), z.string())

const AttemptRow = z.object({
  id: z.string(),
  number: z.int(),
  trigger: AttemptTrigger,
  outcome: z.string(),
  url: z.string(),
  started_at: z.int(),
  duration_ms: z.number(),
  request_headers: Headers,
  status: z.int().nullable(),
  response_headers: Headers.nullable(),
  response_body: z.string().nullable(),
  body_truncated: z.boolean().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

/** A delivery with every attempt: those made twice after a crash have the same number, and stand in order of time. */
export async function getDelivery(
  database: CommonQueryMethods,
  tenant: string,
  deliveryId: string,
): Promise<DeliveryDetail | undefined> {
  const row = await database.maybeOne(deliveryById(tenant, deliveryId))
  if (!row) return undefined
  const attempts = await database.any(sql.type(AttemptRow)`
    SELECT * FROM attempts
    WHERE delivery_id = ${deliveryId} AND accepted_at = ${isoTime(row.accepted_at)}
    ORDER BY number, started_at, id`)
  return { ...deliveryResource(row), attempts: attempts.map(attemptResource) }
}

function attemptResource(row: z.infer<typeof AttemptRow>): AttemptResource {
  const { response_headers: headers } = row
  return {
    id: row.id,
    number: row.number,
    trigger: row.trigger,
    startedAt: isoTime(row.started_at),
    durationMs: row.duration_ms,
    outcome: row.outcome,
    status: row.status,
    error: row.error,
    request: { url: row.url, headers: row.request_headers },
    response: headers && { headers, body: row.response_body ?? '', bodyTruncated: row.body_truncated ?? false },
  }
}
