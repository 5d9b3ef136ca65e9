import { readOutcomes, StreamName, type StoredOutcome } from '@jethook/contracts'
import type { Tracing } from '@jethook/runtime'
import { deliveryRow, inRounds } from './delivery-row.ts'
import { observeDeliveries } from './observe-deliveries.ts'
import type { Projection } from './projection.ts'
import { separateNew } from './separate-new.ts'
import { timeMs } from './time-ms.ts'
import { addAttempts, writeAttempts } from './write-attempts.ts'
import { addDeliveries, writeDeliveries } from './write-deliveries.ts'

/** ATTEMPTS into `deliveries` and `attempts`. */
export function outcomesProjection(tracing: Tracing): Projection<StoredOutcome> {
  return {
    stream: StreamName.attempts,
    inBulk: true,
    partitioned: { tables: ['deliveries', 'attempts'], timeOf: ({ head }) => head.acceptedAt },
    read({ data }) {
      const outcomes = readOutcomes(data)
      for (const { head } of outcomes) timeMs(head.acceptedAt)
      return outcomes
    },
    async write(transaction, outcomes) {
      const { first, others } = await separateNew(transaction, outcomes)
      await addDeliveries(
        transaction,
        first.map(({ head }) => deliveryRow(head)),
      )
      for (const rows of inRounds(others)) await writeDeliveries(transaction, rows)
      await addAttempts(transaction, first)
      await writeAttempts(transaction, others)
    },
    ...(tracing.enabled && { observe: (outcomes) => observeDeliveries(tracing, outcomes) }),
  }
}
