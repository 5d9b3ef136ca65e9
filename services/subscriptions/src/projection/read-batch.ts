import type { Partitions } from './partitions.ts'
import type { Projection, StreamMessage } from './projection.ts'

export interface Unreadable {
  readonly message: StreamMessage
  readonly error: unknown
}

export interface BatchItems {
  readonly items: readonly { readonly sequence: number; readonly item: unknown }[]
  readonly unreadable: readonly Unreadable[]
}

/** What the messages say, without what is older than the retention, and the messages that say nothing sensible. */
export function readBatch(
  projection: Projection,
  messages: readonly StreamMessage[],
  isExpired: Partitions['isExpired'],
): BatchItems {
  const items: { readonly sequence: number; readonly item: unknown }[] = []
  const unreadable: Unreadable[] = []
  const { partitioned } = projection
  for (const message of messages) {
    try {
      for (const item of projection.read(message)) {
        if (!partitioned || !isExpired(partitioned.timeOf(item))) items.push({ sequence: message.seq, item })
      }
    } catch (error) {
      unreadable.push({ message, error })
    }
  }
  return { items, unreadable }
}
