import { Counter, Gauge, Histogram, type AskStream, type Logger, type Registry } from '@jethook/runtime'
import type { Gap } from './gaps.ts'

/** Every metric and log line of what projections did. */
export interface ProjectionSignals {
  applied(stream: string, messages: number, durationMs: number): void
  /** A message that is not what its stream should hold: it was passed over. */
  unreadable(stream: string, sequence: number, error: unknown): void
  /** Messages that were dropped from a stream before they were projected. */
  missed(stream: string, gap: Gap): void
  position(stream: string, position: number): void
}

interface SignalsOptions {
  readonly askStream: AskStream
  readonly logger: Logger
  readonly metrics: Registry
}

export function createProjectionSignals({ askStream, logger, metrics }: SignalsOptions): ProjectionSignals {
  const registers = [metrics]
  const labelNames = ['stream'] as const
  const positions = new Map<string, number>()

  const projected = new Counter({
    name: 'jethook_projected_total',
    help: 'Messages of a stream written to the read model by this process.',
    labelNames,
    registers,
  })
  const unreadable = new Counter({
    name: 'jethook_projection_unreadable_total',
    help: 'Messages passed over because they are not what their stream should hold.',
    labelNames,
    registers,
  })
  const missing = new Counter({
    name: 'jethook_projection_missing_total',
    help: 'Messages that a stream dropped before they were in the read model: what they said is not in the log.',
    labelNames,
    registers,
  })
  const batchMessages = new Histogram({
    name: 'jethook_projection_batch_messages',
    help: 'Messages per batch.',
    buckets: [1, 3, 10, 30, 100, 300, 1_000, 3_000],
    labelNames,
    registers,
  })
  const batchSeconds = new Histogram({
    name: 'jethook_projection_batch_seconds',
    help: 'How long writing a batch took.',
    buckets: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    labelNames,
    registers,
  })
  const position = new Gauge({
    name: 'jethook_projection_position',
    help: 'The sequence of the last message of a stream that is in the read model, as far as this process knows.',
    labelNames,
    registers,
  })
  new Gauge({
    name: 'jethook_projection_lag_messages',
    help: 'How far the read model is behind the end of a stream.',
    labelNames,
    registers,
    async collect() {
      await Promise.all(
        Array.from(positions.keys(), async (stream) => {
          const info = await askStream(stream)
          if (info) this.set({ stream }, messagesAfter(positions.get(stream) ?? 0, info.state))
          else this.remove({ stream })
        }),
      )
    },
  })

  return {
    applied(stream, messages, durationMs) {
      projected.inc({ stream }, messages)
      batchMessages.observe({ stream }, messages)
      batchSeconds.observe({ stream }, durationMs / 1_000)
    },
    unreadable(stream, sequence, error) {
      unreadable.inc({ stream })
      logger.error({ stream, sequence, err: error }, 'projection.unreadable')
    },
    missed(stream, gap) {
      missing.inc({ stream }, gap.missing)
      const remedy =
        'The stream was full, or too old, before it was projected. Make it larger, and see why Postgres was behind.'
      logger.error({ stream, ...gap, remedy }, 'projection.messages_missing')
    },
    position(stream, at) {
      positions.set(stream, at)
      position.set({ stream }, at)
    },
  }
}

/** What has expired cannot be waited for any more. */
function messagesAfter(at: number, state: { messages: number; first_seq: number; last_seq: number }): number {
  return state.messages === 0 ? 0 : Math.max(0, state.last_seq - Math.max(at, state.first_seq - 1))
}
