import { ProblemError } from '@jethook/contracts'

interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

interface Page<T> {
  readonly data: T[]
  readonly nextCursor: string | null
}

const idWithTime = /^[a-z]+_[0-9a-f]{32}$/

/**
 * One page of things in memory, which are in the order of their creation. The cursor is the id of the last one of
 * the page before; if that is deleted by now, it goes on with what was created later, as far as ids tell.
 * Throws `invalid_cursor`.
 */
export function takePage<T extends { readonly id: string }>(all: Iterable<T>, { limit, cursor }: PageQuery): Page<T> {
  const rest = cursor === undefined ? [...all] : itemsAfter([...all], cursor)
  const data = rest.slice(0, limit)
  return { data, nextCursor: rest.length > limit ? (data.at(-1)?.id ?? null) : null }
}

function itemsAfter<T extends { readonly id: string }>(all: readonly T[], cursor: string): T[] {
  const position = all.findIndex(({ id }) => id === cursor)
  if (position !== -1) return all.slice(position + 1)
  if (idWithTime.test(cursor)) return all.filter(({ id }) => id > cursor)
  throw new ProblemError('invalid_cursor', 'Pass the nextCursor of the page before as it was.')
}
