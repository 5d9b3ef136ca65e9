import { MessageHeader, parseEventSubject, StreamName } from '@jethook/contracts'
import type { Columns } from '../database/column-values.ts'
import { copyRows } from './copy-rows.ts'
import type { Projection } from './projection.ts'
import { timeMs } from './time-ms.ts'

interface EventRow {
  readonly tenant: string
  readonly id: string
  readonly type: string
  readonly sequence: number
  readonly acceptedAt: number
  readonly traceparent: string | null
}

/** EVENTS into `events`; the payloads stay where they are. */
export const eventsProjection: Projection<EventRow> = {
  stream: StreamName.events,
  inBulk: true,
  headersOnly: true,
  partitioned: { tables: ['events'], timeOf: ({ acceptedAt }) => acceptedAt },
  read({ seq: sequence, subject, headers }) {
    const { tenant, eventType: type } = parseEventSubject(subject)
    const id = headers.get(MessageHeader.eventId)
    if (!tenant || !type || !id) throw new TypeError(`${subject}: an event without tenant, type or id.`)
    const acceptedAt = timeMs(Number(headers.get(MessageHeader.acceptedAt) || Number.NaN))
    return [{ tenant, id, type, sequence, acceptedAt, traceparent: headers.get(MessageHeader.traceparent) || null }]
  },
  write: (transaction, items) => copyRows(transaction, 'events', columns, items),
}

const columns: Columns<EventRow> = {
  tenant: ['text', (row) => row.tenant],
  id: ['text', (row) => row.id],
  type: ['text', (row) => row.type],
  sequence: ['int8', (row) => row.sequence],
  accepted_at: ['timestamptz', (row) => row.acceptedAt],
  traceparent: ['text', (row) => row.traceparent],
}
