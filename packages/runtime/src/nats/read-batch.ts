import type { StoredMsg } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'

export interface BatchQuery {
  /** A subject, which may have wildcards. */
  readonly filter: string
  /** Where to begin. */
  readonly sequence: number
  readonly batchSize: number
}

const notFound = 404

/**
 * The next messages of a stream that match, in order; none when there are none now. Needs no consumer, so thousands may
 * read their part of a stream. A replica that lags may answer: what it does not have yet comes at the next call.
 */
export async function readBatch(
  { manager }: Broker,
  stream: string,
  { filter, sequence, batchSize }: BatchQuery,
): Promise<StoredMsg[]> {
  const found: StoredMsg[] = []
  try {
    // The option is missing in the client's types, not in what it sends.
    const query = { seq: sequence, next_by_subj: filter, batch: batchSize }
    for await (const message of await manager.direct.getBatch(stream, query)) found.push(message)
  } catch (error) {
    // The class of this error is not exported.
    if ((error as { code?: unknown }).code !== notFound) throw error
  }
  return found
}
