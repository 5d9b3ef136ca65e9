import { OutcomeBatch, StreamName, type DeliveryOutcome } from '@jethook/contracts'
import type { Tracing } from '@jethook/runtime'
import { cancelIfDeleted } from './cancel-deliveries.ts'
import { inRounds } from './delivery-row.ts'
import { observeDeliveries } from './observe-deliveries.ts'
import type { Projection } from './projection.ts'
import { readJson } from './read-json.ts'
import { TimeMs } from './time-ms.ts'
import { writeAttempts } from './write-attempts.ts'
import { writeDeliveries } from './write-deliveries.ts'

/** ATTEMPTS into `deliveries` and `attempts`. */
export function outcomesProjection(tracing: Tracing): Projection<DeliveryOutcome> {
  return {
    stream: StreamName.attempts,
    partitioned: { tables: ['deliveries', 'attempts'], timeOf: ({ acceptedAt }) => acceptedAt },
    read(message) {
      const outcomes = OutcomeBatch.parse(readJson(message))
      for (const { acceptedAt } of outcomes) TimeMs.parse(acceptedAt)
      return outcomes
    },
    async write(transaction, outcomes) {
      const rounds = inRounds(outcomes)
      for (const rows of rounds) await writeDeliveries(transaction, rows)
      await cancelIfDeleted(transaction, rounds.flat())
      await writeAttempts(transaction, outcomes)
    },
    ...(tracing.enabled && { observe: (outcomes) => observeDeliveries(tracing, outcomes) }),
  }
}
