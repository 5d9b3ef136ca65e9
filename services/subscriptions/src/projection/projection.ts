import type { ReadableHeaders } from '@jethook/runtime'
import type { DatabaseTransactionConnection } from 'slonik'
import type { PartitionedTable } from './partitions.ts'

/** The part of a JetStream message that projections look at. */
export interface StreamMessage {
  /** Its sequence in the stream. */
  readonly seq: number
  readonly subject: string
  readonly data: Uint8Array
  readonly headers: ReadableHeaders
  /** When the stream stored it. */
  readonly time: Date
}

/** How the messages of one stream become rows. */
export interface Projection<Item = unknown> {
  readonly stream: string
  /** Every event and every attempt: written in few and large batches, because many small ones would cost the more. */
  readonly inBulk?: true
  /** Nothing but subjects and headers are read. */
  readonly headersOnly?: true
  /**
   * What a message says. Throws when it is not what the stream is supposed to hold. It is asked once, when the message
   * comes, and must not keep the message.
   */
  read(message: StreamMessage): readonly Item[]
  readonly partitioned: {
    readonly tables: readonly PartitionedTable[]
    /** The time that says in which partition an item's rows lie, milliseconds since the epoch. */
    timeOf(item: Item): number
  } | null
  /** Writes the items of a batch, in the order of the stream. What may repeat on the stream must not make another row. */
  write(transaction: DatabaseTransactionConnection, items: readonly Item[]): Promise<void>
  /** Called before a batch is written; what it returns is called when the batch is committed. */
  observe?(items: readonly Item[]): () => void
}
