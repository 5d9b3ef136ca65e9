import { ProblemError } from '@jethook/contracts'
import { z } from 'zod'
import { isPossibleId } from './possible-id.ts'

export interface Page<T> {
  readonly data: T[]
  readonly nextCursor: string | null
}

/** Where the next page begins: behind the entry of this time (milliseconds since the epoch) and id. */
export interface Place {
  readonly timeMs: number
  readonly id: string
}

const Place = z.tuple([
  z
    .int()
    .min(0)
    .max(Date.UTC(9999, 11, 30)),
  z.string().max(200).refine(isPossibleId),
])

export function encodeCursor({ timeMs, id }: Place): string {
  return Buffer.from(JSON.stringify([timeMs, id])).toString('base64url')
}

/** Throws `invalid_cursor`. */
export function decodeCursor(cursor: string): Place {
  try {
    const [timeMs, id] = Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { timeMs, id }
  } catch (error) {
    throw invalidCursor(error)
  }
}

export function invalidCursor(cause: unknown): ProblemError {
  return new ProblemError('invalid_cursor', 'cursor: pass the nextCursor of the page before, unchanged.', { cause })
}

/** A page from rows of which one more was read than fits: if it came, there is a next page. */
export function pageFrom<Row, T>(
  rows: readonly Row[],
  { limit, placeOf, resourceOf }: { limit: number; placeOf: (row: Row) => Place; resourceOf: (row: Row) => T },
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { data: shown.map(resourceOf), nextCursor: last ? encodeCursor(placeOf(last)) : null }
}
