import { readDomainEvent, StreamName, type DomainEvent } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import type { Columns } from '../database/column-values.ts'
import { auditEntry, type AuditEntry } from './audit-entry.ts'
import { insertRows } from './insert-rows.ts'
import type { Projection } from './projection.ts'
import { readJson } from './read-json.ts'
import { storableJson } from './storable.ts'
import { timeMs } from './time-ms.ts'
import { writeSubscriptions } from './write-subscriptions.ts'

interface Change {
  readonly sequence: number
  readonly event: DomainEvent
}

/** CONFIG into `subscriptions` (what is) and `config_changes` (who changed what when). */
export const configurationProjection: Projection<Change> = {
  stream: StreamName.config,
  partitioned: null,
  read(message) {
    const event = readDomainEvent(readJson(message))
    timeMs(event.at)
    return [{ sequence: message.seq, event }]
  },
  async write(transaction, changes) {
    await writeSubscriptions(
      transaction,
      changes.map(({ event }) => event),
    )
    await writeAuditLog(transaction, changes)
  },
}

interface ChangeRow extends AuditEntry {
  readonly sequence: number
  readonly event: DomainEvent
}

const columns: Columns<ChangeRow> = {
  sequence: ['int8', (row) => row.sequence],
  tenant: ['text', ({ event }) => event.tenant],
  type: ['text', ({ event }) => event.type],
  kind: ['text', (row) => row.kind],
  subject_id: ['text', (row) => row.subjectId],
  changed_by: ['text', ({ event }) => event.by],
  changed_at: ['timestamptz', ({ event }) => event.at],
  details: ['jsonb', (row) => storableJson(row.details)],
}

async function writeAuditLog(transaction: DatabaseTransactionConnection, changes: readonly Change[]): Promise<void> {
  const rows = changes.map((change) => ({ ...change, ...auditEntry(change.event) }))
  await transaction.query(sql.unsafe`${insertRows('config_changes', columns, rows)} ON CONFLICT DO NOTHING`)
}
