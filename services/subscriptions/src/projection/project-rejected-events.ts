import { MessageHeader, parseEventSubject, StreamName } from '@jethook/contracts'
import { sql } from 'slonik'
import type { Columns } from '../database/column-values.ts'
import { insertRows } from './insert-rows.ts'
import type { Projection, StreamMessage } from './projection.ts'
import { storableText } from './storable.ts'

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
    await transaction.query(sql.unsafe`${insertRows('rejected_events', columns, items)} ON CONFLICT DO NOTHING`)
  },
}

const columns: Columns<RejectedRow> = {
  sequence: ['int8', (row) => row.sequence],
  tenant: ['text', (row) => row.tenant],
  type: ['text', (row) => row.type],
  id: ['text', (row) => row.id],
  code: ['text', (row) => row.code],
  reason: ['text', (row) => row.reason],
  payload: ['text', (row) => row.payload],
  size: ['int8', (row) => row.size],
  rejected_at: ['timestamptz', (row) => row.rejectedAt],
}

/** Whatever a producer sent is shown: nothing here can be wrong. */
export function rejectedRow({ seq: sequence, subject, data, headers, time }: StreamMessage): RejectedRow {
  const { tenant, eventType } = parseEventSubject(subject)
  const header = (name: string): string => storableText(headers.get(name) ?? '')
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
