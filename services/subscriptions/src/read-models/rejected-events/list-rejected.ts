import type { RejectedEventResource } from '@jethook/contracts'
import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik'
import { z } from 'zod'
import { decodeCursor, invalidCursor, pageFrom, type Page } from '../page.ts'
import { isoTime } from '../times.ts'

export interface RejectedFilter {
  /** All tenants, unknown ones included, when there is none. */
  tenant: string | undefined
  limit: number
  cursor: string | undefined
}

const RejectedRow = z.object({
  sequence: z.int(),
  tenant: z.string(),
  type: z.string(),
  id: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  payload: z.string(),
  size: z.int(),
  rejected_at: z.int(),
})

/** Rejected events, newest first. */
export async function listRejected(
  database: CommonQueryMethods,
  filter: RejectedFilter,
): Promise<Page<RejectedEventResource>> {
  const rows = await database.any(sql.type(RejectedRow)`
    SELECT * FROM rejected_events
    WHERE ${sql.and(conditionsOf(filter))}
    ORDER BY rejected_at DESC, sequence DESC
    LIMIT ${filter.limit + 1}`)
  return pageFrom(rows, {
    limit: filter.limit,
    placeOf: ({ rejected_at: timeMs, sequence }) => ({ timeMs, id: String(sequence) }),
    resourceOf: ({ tenant, type, id, code, reason, payload, size, rejected_at: rejectedAt }) => ({
      tenant,
      type,
      id,
      code,
      reason,
      payload,
      size,
      rejectedAt: isoTime(rejectedAt),
    }),
  })
}

function conditionsOf({ tenant, cursor }: RejectedFilter): FragmentSqlToken[] {
  const conditions: FragmentSqlToken[] = []
  if (tenant !== undefined) conditions.push(sql.fragment`tenant = ${tenant}`)
  if (cursor !== undefined) {
    const { timeMs, id } = decodeCursor(cursor)
    const time = isoTime(timeMs)
    conditions.push(sql.fragment`rejected_at <= ${time} AND (rejected_at, sequence) < (${time}, ${sequenceOf(id)})`)
  }
  return conditions
}

/** A cursor of another list holds something else than a sequence. */
function sequenceOf(id: string): number {
  const sequence = Number(id)
  if (Number.isSafeInteger(sequence)) return sequence
  throw invalidCursor(new Error(`${id} is not a sequence.`))
}
