import { deliveryIdOf, type DeliveryResource } from '@jethook/contracts'
import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik'
import { z } from 'zod'
import { decodeCursor, pageFrom, type Page } from '../page.ts'
import { isoTime } from '../times.ts'
import { deliveryResource, DeliveryRow, rowOfDelivery } from './delivery.ts'

export interface EventDeliveriesFilter {
  readonly limit: number
  readonly cursor?: string | undefined
}

/**
 * Deliveries of an event to all subscriptions, newest first; undefined when there is no such event. Ids of deliveries
 * are derived from event and subscription, so they are looked up by their primary key: an index by event would cost
 * every delivery, for a question that is seldom asked.
 */
export async function listEventDeliveries(
  database: CommonQueryMethods,
  tenant: string,
  eventId: string,
  { limit, cursor }: EventDeliveriesFilter,
): Promise<Page<DeliveryResource> | undefined> {
  // An id that was used again after the deduplication window has several.
  const times = await database.anyFirst(sql.type(z.object({ accepted_at: z.int() }))`
    SELECT accepted_at FROM events WHERE tenant = ${tenant} AND id = ${eventId}`)
  if (times.length === 0) return undefined
  // Deleted ones are there, too.
  const subscriptionIds = await database.anyFirst(
    sql.type(z.object({ id: z.string() }))`SELECT id FROM subscriptions WHERE tenant = ${tenant}`,
  )
  const ids = subscriptionIds.map((subscriptionId) => deliveryIdOf(tenant, eventId, subscriptionId))
  const rows = await database.any(sql.type(DeliveryRow)`
    SELECT ${rowOfDelivery} FROM deliveries
    WHERE id = ANY(${sql.array(ids, 'text')}) AND accepted_at = ANY(${sql.array(times.map(isoTime), 'timestamptz')})
      AND tenant = ${tenant} AND ${after(cursor)}
    ORDER BY accepted_at DESC, id DESC
    LIMIT ${limit + 1}`)
  return pageFrom(rows, {
    limit,
    placeOf: ({ accepted_at: timeMs, id }) => ({ timeMs, id }),
    resourceOf: deliveryResource,
  })
}

function after(cursor: string | undefined): FragmentSqlToken {
  if (cursor === undefined) return sql.fragment`true`
  const { timeMs, id } = decodeCursor(cursor)
  return sql.fragment`(accepted_at, id) < (${isoTime(timeMs)}, ${id})`
}
