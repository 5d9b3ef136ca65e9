import { OutcomeBatch, StreamName, type DeliveryOutcome } from '@jethook/contracts'
import type { Tracing } from '@jethook/runtime'
import { cancelIfDeleted } from './cancel-deliveries.ts'
import { deliveryRow, inRounds } from './delivery-row.ts'
import { observeDeliveries } from './observe-deliveries.ts'
import type { Projection } from './projection.ts'
import { readJson } from './read-json.ts'
import { separateNew } from './separate-new.ts'
import { TimeMs } from './time-ms.ts'
import { addAttempts, writeAttempts } from './write-attempts.ts'
import { addDeliveries, writeDeliveries } from './write-deliveries.ts'

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
      const { first, others } = await separateNew(transaction, outcomes)
      const newRows = first.map(deliveryRow)
      const rounds = inRounds(others)
      await addDeliveries(transaction, newRows)
      for (const rows of rounds) await writeDeliveries(transaction, rows)
      await cancelIfDeleted(transaction, [newRows, ...rounds].flat())
      await addAttempts(transaction, first)
      await writeAttempts(transaction, others)
    },
    ...(tracing.enabled && { observe: (outcomes) => observeDeliveries(tracing, outcomes) }),
  }
}
