import { hash, randomFillSync } from 'node:crypto'
import { z } from 'zod'
import { inOnePiece } from './in-one-piece.ts'

/** A tenant's slug: one NATS subject token and one URL segment. */
export const TenantId: z.ZodType<string> = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and "-", not starting with "-"')

/** An event type as producers and catalogues write it: `deposit.settled`, `UserSignedUp`. At most 128 characters. */
export const EventType: z.ZodType<string> = z
  .string()
  .max(128)
  .regex(
    /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/,
    'must be letters, digits, "_" and "-" in parts joined by single dots, like deposit.settled',
  )

/** An event's id: the producer's own, or one of ours (`evt_…`). It travels in headers and URLs, hence the alphabet. */
export const EventId: z.ZodType<string> = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:~@=-]{0,127}$/,
    'must be 1 to 128 letters, digits and any of . _ : ~ @ = -, starting with a letter or digit',
  )
  // GET /v1/events/rejected is another address.
  .refine((id) => id !== 'rejected', 'must not be "rejected"')

/** A user of the tenant, as it names them. It travels in headers, hence the alphabet. */
export const UserId: z.ZodType<string> = z
  .string()
  .regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 printable ASCII characters without spaces')

export type IdKind = 'evt' | 'sub' | 'key' | 'app' | 'att' | 'dsp'

/**
 * A new id, `<kind>_` and 32 hex digits: 48 bits of `timeMs` then 80 bits of `entropy`, so that ids sort by time.
 * The same time and entropy give the same id: that is how an event taken from INTAKE twice is recognised.
 */
export function createId(kind: IdKind, timeMs: number, entropy?: Buffer): string {
  if (timeMs !== lastMs) {
    lastMs = timeMs
    lastHex = timeMs.toString(16).padStart(12, '0')
  }
  return inOnePiece(`${kind}_${lastHex}${entropy ? entropy.toString('hex', 0, 10) : randomHex()}`)
}

/** Many ids are of the same time, and numbers that large take long to write in hex. */
let lastMs = 0
let lastHex = '000000000000'

/** Drawing 10 bytes costs as much as drawing 4,000. */
const pool = Buffer.alloc(4_000)
let used = pool.length

function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 10
  return pool.toString('hex', used - 10, used)
}

/**
 * The id of one event's delivery to one subscription. It is derived, never drawn, so that delivering again after
 * a crash, a redelivery or a replay shows the receiver the same id and the log one row.
 */
export function deliveryIdOf(tenant: string, eventId: string, subscriptionId: string): string {
  return inOnePiece(`dlv_${hash('sha256', `${tenant}\0${eventId}\0${subscriptionId}`).slice(0, 32)}`)
}
