import type { StoredOutcome } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'
import { binaryArray } from '../database/binary-array.ts'
import { deliveryKey } from './delivery-row.ts'

export interface Separated {
  /** The first outcome of each delivery that is not in the log yet. */
  readonly first: readonly StoredOutcome[]
  /** All the others, in the order of the stream. */
  readonly others: readonly StoredOutcome[]
}

const Known = z.object({ deliveryId: z.string(), acceptedAt: z.int() })

/**
 * Nearly every delivery succeeds at its first attempt, and is then written for the first and only time. Nobody else
 * writes deliveries meanwhile: the position of their stream is locked.
 */
export async function separateNew(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly StoredOutcome[],
): Promise<Separated> {
  const first = new Map<string, StoredOutcome>()
  let [from, to] = [Infinity, -Infinity]
  for (const outcome of outcomes) {
    const { acceptedAt } = outcome.head
    const key = deliveryKey(outcome.head)
    if (!first.has(key)) first.set(key, outcome)
    from = Math.min(from, acceptedAt)
    to = Math.max(to, acceptedAt)
  }
  const ids = Array.from(first.values(), ({ head }) => head.deliveryId)
  // The range of time leaves out partitions.
  const known = await transaction.any(sql.type(Known)`
    SELECT id AS "deliveryId", accepted_at AS "acceptedAt" FROM deliveries
    WHERE id = ANY(${sql.binary(binaryArray('text', ids))}::text[])
      AND accepted_at BETWEEN ${new Date(from).toISOString()} AND ${new Date(to).toISOString()}`)
  for (const delivery of known) first.delete(deliveryKey(delivery))
  return {
    first: [...first.values()],
    others:
      first.size === outcomes.length
        ? []
        : outcomes.filter((outcome) => first.get(deliveryKey(outcome.head)) !== outcome),
  }
}
