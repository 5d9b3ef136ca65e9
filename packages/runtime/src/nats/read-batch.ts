import type { BatchCallback, StoredMsg } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'

export interface BatchQuery {
  /** A subject, which may have wildcards. */
  readonly filter: string
  /** Where to begin. */
  readonly sequence: number
  readonly batchSize: number
  /** How much they may be together, unless the first one alone is more. */
  readonly maxBytes?: number
}

/**
 * The next messages of a stream that match, in order; none when there are none now. Needs no consumer, so thousands may
 * read their part of a stream. A replica that lags may answer: what it does not have yet comes at the next call.
 */
export function readBatch(
  { manager }: Broker,
  stream: string,
  { filter, sequence, batchSize, maxBytes }: BatchQuery,
): Promise<StoredMsg[]> {
  const limits = { batch: batchSize, ...(maxBytes !== undefined && { max_bytes: maxBytes }) }
  const query = { seq: sequence, next_by_subj: filter, ...limits }
  return collect((callback) => manager.direct.getBatch(stream, { ...query, callback }))
}

/** More subjects than so many are refused by the server. */
const mostSubjects = 1_024

/**
 * The latest message of each subject that matches, in order; undefined when there are more than 1,024 such subjects. Where
 * subjects are many, as in the calendar, this finds a few of them at once; `readBatch` goes through all that lies between.
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-31.md
 */
export async function readLatest(
  { manager }: Broker,
  stream: string,
  filter: string,
): Promise<StoredMsg[] | undefined> {
  try {
    const query = { multi_last: [filter], batch: mostSubjects }
    return await collect((callback) => manager.direct.getLastMessagesFor(stream, { ...query, callback }))
  } catch (error) {
    if (codeOf(error) === tooManyResults) return undefined
    throw error
  }
}

const notFound = 404
const tooManyResults = 413
// The class of these errors is not exported.
const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code

/** With a callback: an iterator of the client's leaves its subscription on the server until 5 s later. */
async function collect(ask: (callback: BatchCallback<StoredMsg>) => Promise<unknown>): Promise<StoredMsg[]> {
  const found: StoredMsg[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  await ask((done, message) => {
    if (!done) found.push(message)
    else if (done.err && codeOf(done.err) !== notFound) reject(done.err)
    else resolve()
  })
  await promise
  return found
}
