import type { DatabasePool } from 'slonik'
import { isDataError } from '../database/database-errors.ts'
import type { Partitions } from './partitions.ts'
import { lockPosition, movePosition } from './positions.ts'
import type { Projection, StreamMessage } from './projection.ts'

export interface Batch {
  /** In the order of the stream, without gaps after `after`. */
  readonly messages: readonly StreamMessage[]
  /** The position at which the tables are expected to be. */
  readonly after: number
  /** The last message that was read ahead: a position beyond it means that reading has to start anew. */
  readonly readUpTo: number
}

export type Applied =
  /** The tables are at `position`; this process wrote `messages` of the batch, and could not make sense of `unreadable`. */
  | {
      readonly status: 'applied'
      readonly position: number
      readonly messages: number
      readonly unreadable: readonly Unreadable[]
    }
  /** Somebody else moved the position (a rebuild, or a replica far ahead): nothing was written. */
  | { readonly status: 'moved' }

export interface Unreadable {
  readonly message: StreamMessage
  readonly error: unknown
}

interface Target {
  readonly pool: DatabasePool
  readonly partitions: Partitions
  readonly projection: Projection
}

/**
 * Writes a batch and its position in one transaction, so that each message is applied exactly once, however often it is
 * read and whoever else projects the same stream. When Postgres refuses the data itself, the batch is halved until the
 * message that it cannot take is alone, and is passed over.
 */
export async function applyBatch(target: Target, batch: Batch): Promise<Applied> {
  try {
    return await applyTogether(target, batch, [])
  } catch (error) {
    if (!isDataError(error)) throw error
    const [message] = batch.messages
    if (batch.messages.length === 1 && message) return applyTogether(target, batch, [{ message, error }])
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

async function applyTogether(
  { pool, partitions, projection }: Target,
  { messages, after, readUpTo }: Batch,
  refused: readonly Unreadable[],
): Promise<Applied> {
  const parsed = parse(projection, messages, refused)
  const kept = parsed.entries.filter(({ item }) => !projection.partitioned || !isExpired(item))
  if (projection.partitioned) {
    const { tables, timeOf } = projection.partitioned
    await partitions.ensure(
      tables,
      kept.map(({ item }) => timeOf(item)),
    )
  }
  function isExpired(item: unknown): boolean {
    return projection.partitioned !== null && partitions.isExpired(projection.partitioned.timeOf(item))
  }

  let committed: (() => void) | undefined
  const applied = await pool.transaction(async (transaction): Promise<Applied> => {
    const position = await lockPosition(transaction, projection.stream)
    if (position < after || position > readUpTo) return { status: 'moved' }
    const isNew = (sequence: number): boolean => sequence > position
    const last = messages.at(-1)
    if (!last || !isNew(last.seq)) return { status: 'applied', position, messages: 0, unreadable: [] }

    const items = kept.filter(({ sequence }) => isNew(sequence)).map(({ item }) => item)
    committed = projection.observe?.(items)
    if (items.length > 0) await projection.write(transaction, items)
    await movePosition(transaction, projection.stream, last.seq)
    return {
      status: 'applied',
      position: last.seq,
      messages: messages.filter(({ seq }) => isNew(seq)).length,
      unreadable: parsed.unreadable.filter(({ message }) => isNew(message.seq)),
    }
  })
  committed?.()
  return applied
}

function parse(projection: Projection, messages: readonly StreamMessage[], refused: readonly Unreadable[]) {
  const entries: { readonly sequence: number; readonly item: unknown }[] = []
  const unreadable = [...refused]
  for (const message of messages) {
    if (refused.some((one) => one.message === message)) continue
    try {
      for (const item of projection.read(message)) entries.push({ sequence: message.seq, item })
    } catch (error) {
      unreadable.push({ message, error })
    }
  }
  return { entries, unreadable }
}
