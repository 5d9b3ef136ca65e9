import type { DatabasePool } from 'slonik'
import { isDataError } from '../database/database-errors.ts'
import type { Partitions } from './partitions.ts'
import { lockPosition, movePosition } from './positions.ts'
import type { Projection } from './projection.ts'
import type { ReadMessage } from './read-message.ts'

export interface Batch {
  /** In the order of the stream; all that it holds between `after` and the last of them. */
  readonly messages: readonly ReadMessage[]
  /** The position at which the tables are expected to be. */
  readonly after: number
  /** The last message that was read ahead: a position beyond it means that reading has to start anew. */
  readonly readUpTo: number
}

export type Applied =
  /** The tables are at `position`; this process wrote so many `messages`, and passed over those that are `unreadable`. */
  | {
      readonly status: 'applied'
      readonly position: number
      readonly messages: number
      readonly unreadable: readonly ReadMessage[]
    }
  /** Somebody else moved the position (a rebuild, or a replica far ahead): nothing was written. */
  | { readonly status: 'moved' }

interface Target {
  readonly pool: DatabasePool
  readonly partitions: Partitions
  readonly projection: Projection
}

/**
 * Writes a batch, and its position, in one transaction: so each message is applied exactly once, however often it is
 * read and whoever else projects the same stream. When Postgres refuses the data itself, the batch is halved until the
 * message that it cannot take is alone; that one is passed over.
 */
export async function applyBatch(target: Target, batch: Batch): Promise<Applied> {
  try {
    return await write(target, batch)
  } catch (error) {
    if (!isDataError(error)) throw error
    const [message, ...others] = batch.messages
    if (message && others.length === 0) return write(target, { ...batch, messages: [{ ...message, items: [], error }] })
    return applyHalves(target, batch)
  }
}

async function applyHalves(target: Target, batch: Batch): Promise<Applied> {
  const middle = Math.ceil(batch.messages.length / 2)
  const first = await applyBatch(target, { ...batch, messages: batch.messages.slice(0, middle) })
  if (first.status === 'moved') return first
  const second = await applyBatch(target, { ...batch, messages: batch.messages.slice(middle), after: first.position })
  if (second.status === 'moved') return second
  return {
    ...second,
    messages: first.messages + second.messages,
    unreadable: [...first.unreadable, ...second.unreadable],
  }
}

async function write(target: Target, batch: Batch): Promise<Applied> {
  const { pool, partitions, projection } = target
  const { messages, after, readUpTo } = batch
  const { partitioned, stream } = projection
  const all = itemsToKeep(target, messages)
  if (partitioned) await partitions.ensure(partitioned.tables, all.map(partitioned.timeOf))

  let committed: (() => void) | undefined
  const applied = await pool.transaction(async (transaction): Promise<Applied> => {
    const position = await lockPosition(transaction, stream)
    if (position < after || position > readUpTo) return { status: 'moved' }
    const last = messages.at(-1)
    if (!last || last.seq <= position) return { status: 'applied', position, messages: 0, unreadable: [] }

    const added = messages.filter(({ seq }) => seq > position)
    const items = added.length === messages.length ? all : itemsToKeep(target, added)
    committed = projection.observe?.(items)
    if (items.length > 0) await projection.write(transaction, items)
    await movePosition(transaction, stream, last.seq)
    return {
      status: 'applied',
      position: last.seq,
      messages: added.length,
      unreadable: added.filter(({ error }) => error !== undefined),
    }
  })
  committed?.()
  return applied
}

/** What the messages say, without what is older than the retention. */
function itemsToKeep({ projection, partitions }: Target, messages: readonly ReadMessage[]): unknown[] {
  const { partitioned } = projection
  const items = messages.flatMap((message) => message.items)
  return partitioned ? items.filter((item) => !partitions.isExpired(partitioned.timeOf(item))) : items
}
