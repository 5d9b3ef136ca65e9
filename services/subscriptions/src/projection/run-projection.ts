import type { Broker, Logger } from '@jethook/runtime'
import type { DatabasePool } from 'slonik'
import { applyBatch, type Applied, type Batch } from './apply-batch.ts'
import { gapsIn } from './gaps.ts'
import type { Partitions } from './partitions.ts'
import { readPosition } from './positions.ts'
import type { Projection } from './projection.ts'
import type { ProjectionSignals } from './projection-signals.ts'
import { openReadAhead, type ReadAheadLimits } from './read-ahead.ts'
import type { RetryForEver } from './retry-for-ever.ts'

export interface ProjectionRun {
  readonly broker: Broker
  readonly pool: DatabasePool
  readonly logger: Logger
  readonly partitions: Partitions
  readonly projection: Projection
  readonly signals: ProjectionSignals
  readonly retry: RetryForEver
  readonly signal: AbortSignal
  readonly limits?: ReadAheadLimits | undefined
  /** Called when the tables are at a position. */
  readonly onPosition?: (position: number) => void
}

/**
 * Projects a stream until it is told to stop. Each round begins at the position that the database holds and lasts until
 * somebody else (a rebuild, another replica) has moved that position to where this process did not expect it.
 */
export async function runProjection(run: ProjectionRun): Promise<void> {
  const { pool, projection, retry, signal } = run
  while (!signal.aborted) {
    const position = await retry(() => readPosition(pool, projection.stream))
    if (position === undefined) return
    tellPosition(run, position)
    await warnWhenStreamIsShorter(run, position)
    await projectFrom(run, position)
  }
}

/** A stream that was deleted and made anew counts from 1 again: what it holds would be taken for what is there already. */
async function warnWhenStreamIsShorter({ broker, projection, logger }: ProjectionRun, position: number): Promise<void> {
  const { stream } = projection
  const info = await broker.manager.streams.info(stream).catch(() => undefined)
  if (!info || info.state.last_seq >= position) return
  const remedy = 'The stream is not the one that these tables were filled from: run the rebuild command.'
  logger.error({ stream, position, streamEnd: info.state.last_seq, remedy }, 'projection.stream_is_shorter')
}

async function projectFrom(run: ProjectionRun, start: number): Promise<void> {
  const { broker, projection, logger, retry, signal, limits } = run
  const ahead = openReadAhead({ broker, projection, after: start, logger, ...(limits && { limits }) })
  const close = (): void => void ahead.close()
  signal.addEventListener('abort', close)
  try {
    for (let position = start; !signal.aborted;) {
      const messages = await ahead.take()
      const batch = { messages, after: position, readUpTo: ahead.readUpTo }
      const next = await retry(() => (messages.length > 0 ? project(run, batch) : lookAround(run, batch)))
      if (next === undefined || next.status === 'moved') return
      position = next.position
    }
  } finally {
    signal.removeEventListener('abort', close)
    await ahead.close()
  }
}

async function project(run: ProjectionRun, batch: Batch): Promise<Applied> {
  const { signals, projection, logger } = run
  const startedAt = performance.now()
  const applied = await applyBatch(run, batch)
  if (applied.status === 'moved') {
    logger.info({ stream: projection.stream, expected: batch.after }, 'projection.position_moved')
    return applied
  }
  signals.applied(projection.stream, applied.messages, performance.now() - startedAt)
  if (applied.messages > 0) {
    const sequences = batch.messages.map(({ seq }) => seq)
    for (const gap of gapsIn(batch.after, sequences)) signals.missed(projection.stream, gap)
  }
  for (const { seq, error } of applied.unreadable) signals.unreadable(projection.stream, seq, error)
  tellPosition(run, applied.position)
  return applied
}

/** Nothing comes; but somebody may have moved the position, and the next message may be hours away. */
async function lookAround(run: ProjectionRun, { after, readUpTo }: Batch): Promise<Applied> {
  const position = await readPosition(run.pool, run.projection.stream)
  if (position < after || position > readUpTo) return { status: 'moved' }
  tellPosition(run, position)
  return { status: 'applied', position, messages: 0, unreadable: [] }
}

function tellPosition({ signals, projection, onPosition }: ProjectionRun, position: number): void {
  signals.position(projection.stream, position)
  onPosition?.(position)
}
