import { MessageHeader, parseEventSubject, StreamName } from '@jethook/contracts'
import { z } from 'zod'
import type { Columns } from '../database/column-values.ts'
import { copyRows } from './copy-rows.ts'
import type { Projection } from './projection.ts'
import { TimeMs } from './time-ms.ts'

const AcceptedEvent = z.object({
  tenant: z.string().min(1),
  id: z.string().min(1),
  type: z.string().min(1),
  acceptedAt: z.string().regex(/^\d+$/).pipe(z.coerce.number()).pipe(TimeMs),
})

type EventRow = z.infer<typeof AcceptedEvent> & {
  readonly sequence: number
  readonly traceparent: string | null
}

/** EVENTS into `events`; the payloads stay where they are. */
export const eventsProjection: Projection<EventRow> = {
  stream: StreamName.events,
  headersOnly: true,
  partitioned: { tables: ['events'], timeOf: ({ acceptedAt }) => acceptedAt },
  read({ seq: sequence, subject, headers }) {
    const { tenant, eventType: type } = parseEventSubject(subject)
    const id = headers?.get(MessageHeader.eventId)
    const acceptedAt = headers?.get(MessageHeader.acceptedAt)
    return [
      {
        ...AcceptedEvent.parse({ tenant, id, type, acceptedAt }),
        sequence,
        traceparent: headers?.get(MessageHeader.traceparent) || null,
      },
    ]
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
