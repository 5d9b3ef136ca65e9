import { MessageHeader, parseEventSubject, StreamName } from '@jethook/contracts'
import { sql } from 'slonik'
import type { Projection, StreamMessage } from './projection.ts'
import { storableText, storableTime } from './storable.ts'

/** How much of a rejected payload is shown. */
const shownBytes = 16_384

interface RejectedRow {
  readonly sequence: number
  readonly tenant: string
  readonly type: string
  readonly id: string | null
  readonly code: string
  readonly reason: string
  readonly payload: string
  /** Bytes. */
  readonly size: number
  readonly rejectedAt: number
}

/** REJECTED into `rejected_events`. */
export const rejectedEventsProjection: Projection<RejectedRow> = {
  stream: StreamName.rejected,
  partitioned: { tables: ['rejected_events'], timeOf: ({ rejectedAt }) => rejectedAt },
  read: (message) => [rejectedRow(message)],
  async write(transaction, items) {
    await transaction.query(sql.unsafe`
      INSERT INTO rejected_events (sequence, tenant, type, id, code, reason, payload, size, rejected_at)
      SELECT * FROM ${sql.unnest(
        items.map((row) => [
          row.sequence,
          row.tenant,
          row.type,
          row.id,
          row.code,
          row.reason,
          row.payload,
          row.size,
          storableTime(row.rejectedAt),
        ]),
        ['int8', 'text', 'text', 'text', 'text', 'text', 'text', 'int8', 'timestamptz'],
      )}
      ON CONFLICT DO NOTHING`)
  },
}

/** Whatever a producer sent is shown: nothing here can be wrong. */
export function rejectedRow({ seq: sequence, subject, data, headers, time }: StreamMessage): RejectedRow {
  const { tenant, eventType } = parseEventSubject(subject)
  const header = (name: string): string => storableText(headers?.get(name) ?? '')
  return {
    sequence,
    tenant: storableText(tenant),
    type: storableText(eventType),
    id: header(MessageHeader.eventId) || null,
    code: header(MessageHeader.rejectedCode),
    reason: header(MessageHeader.rejectedReason),
    payload: storableText(beginningOf(data)),
    size: Number(header(MessageHeader.originalSize)) || data.length,
    rejectedAt: time.getTime(),
  }
}

/** As text; a character that the cut would split is left out. */
function beginningOf(data: Uint8Array): string {
  return new TextDecoder().decode(data.subarray(0, shownBytes), { stream: data.length > shownBytes })
}
