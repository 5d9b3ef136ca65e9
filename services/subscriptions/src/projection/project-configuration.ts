import { DomainEvent, StreamName } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { auditEntry } from './audit-entry.ts'
import type { Projection } from './projection.ts'
import { readJson } from './read-json.ts'
import { storableJson, storableTime } from './storable.ts'
import { TimeMs } from './time-ms.ts'
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
    const event = DomainEvent.parse(readJson(message))
    TimeMs.parse(event.at)
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

async function writeAuditLog(transaction: DatabaseTransactionConnection, changes: readonly Change[]): Promise<void> {
  await transaction.query(sql.unsafe`
    INSERT INTO config_changes (sequence, tenant, type, kind, subject_id, changed_by, changed_at, details)
    SELECT * FROM ${sql.unnest(
      changes.map(({ sequence, event }) => {
        const { kind, subjectId, details } = auditEntry(event)
        const { tenant, type, by, at } = event
        return [sequence, tenant, type, kind, subjectId, by, storableTime(at), storableJson(details)]
      }),
      ['int8', 'text', 'text', 'text', 'text', 'text', 'timestamptz', 'jsonb'],
    )}
    ON CONFLICT DO NOTHING`)
}
