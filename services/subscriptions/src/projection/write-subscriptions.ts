import type { SubscriptionEvent } from '@jethook/configuration'
import { DeliveryRules, type DomainEvent } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'
import type { Columns } from '../database/column-values.ts'
import { insertRows } from './insert-rows.ts'
import { storableJson, storableJsonOrNull, storableText } from './storable.ts'
import { evolveSubscriptionRow, type SubscriptionRow } from './subscription-row.ts'

const StoredRow = z
  .object({
    id: z.string(),
    tenant: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    description: z.string().nullable(),
    active: z.boolean(),
    retry_schedule_ms: z.array(z.int()).nullable(),
    timeout_ms: z.int().nullable(),
    delivery_rules: DeliveryRules,
    created_at: z.int(),
    updated_at: z.int(),
    deleted_at: z.int().nullable(),
  })
  .transform(
    ({
      retry_schedule_ms,
      timeout_ms,
      delivery_rules,
      created_at,
      updated_at,
      deleted_at,
      ...row
    }): SubscriptionRow => ({
      ...row,
      ...delivery_rules,
      retryScheduleMs: retry_schedule_ms,
      timeoutMs: timeout_ms,
      createdAt: created_at,
      updatedAt: updated_at,
      deletedAt: deleted_at,
    }),
  )

/** Folds the events into the rows that are there: one read and one write, however many events. */
export async function writeSubscriptions(
  transaction: DatabaseTransactionConnection,
  events: readonly DomainEvent[],
): Promise<void> {
  const changes = events.filter(isAboutSubscription)
  if (changes.length === 0) return
  const ids = [...new Set(changes.map(({ subscriptionId }) => subscriptionId))]
  const stored = await transaction.any(
    sql.type(StoredRow)`SELECT * FROM subscriptions WHERE id = ANY(${sql.array(ids, 'text')})`,
  )
  const rows = new Map(stored.map((row) => [row.id, row]))
  for (const event of changes) {
    const row = evolveSubscriptionRow(rows.get(event.subscriptionId), event)
    if (row) rows.set(row.id, row)
  }
  await upsert(transaction, [...rows.values()])
}

function isAboutSubscription(event: DomainEvent): event is SubscriptionEvent {
  return 'subscriptionId' in event
}

const columns: Columns<SubscriptionRow> = {
  id: ['text', (row) => row.id],
  tenant: ['text', (row) => row.tenant],
  url: ['text', (row) => storableText(row.url)],
  events: ['jsonb', (row) => storableJson(row.events)],
  description: ['text', (row) => row.description && storableText(row.description)],
  active: ['bool', (row) => row.active],
  retry_schedule_ms: ['jsonb', (row) => storableJsonOrNull(row.retryScheduleMs)],
  timeout_ms: ['int4', (row) => row.timeoutMs],
  delivery_rules: ['jsonb', (row) => storableJson(rulesOf(row))],
  created_at: ['timestamptz', (row) => row.createdAt],
  updated_at: ['timestamptz', (row) => row.updatedAt],
  deleted_at: ['timestamptz', (row) => row.deletedAt],
}

function rulesOf(row: SubscriptionRow): DeliveryRules {
  const { concurrency, rateLimit, circuitBreaker, ordered, orderingKey, whenStuck } = row
  return { concurrency, rateLimit, circuitBreaker, ordered, orderingKey, whenStuck }
}

async function upsert(transaction: DatabaseTransactionConnection, rows: readonly SubscriptionRow[]): Promise<void> {
  if (rows.length === 0) return
  await transaction.query(sql.unsafe`
    ${insertRows('subscriptions', columns, rows)}
    ON CONFLICT (id) DO UPDATE SET
      url = EXCLUDED.url,
      events = EXCLUDED.events,
      description = EXCLUDED.description,
      active = EXCLUDED.active,
      retry_schedule_ms = EXCLUDED.retry_schedule_ms,
      timeout_ms = EXCLUDED.timeout_ms,
      delivery_rules = EXCLUDED.delivery_rules,
      updated_at = EXCLUDED.updated_at,
      deleted_at = EXCLUDED.deleted_at`)
}
