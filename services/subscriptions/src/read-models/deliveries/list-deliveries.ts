import type { DeliveryQuery, DeliveryResource } from '@jethook/contracts'
import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik'
import { decodeCursor, pageFrom, type Page } from '../page.ts'
import { deliveryResource, DeliveryRow } from './delivery.ts'

/** Deliveries of a subscription, newest first. */
export async function listDeliveries(
  database: CommonQueryMethods,
  tenant: string,
  subscriptionId: string,
  query: DeliveryQuery,
): Promise<Page<DeliveryResource>> {
  const rows = await database.any(sql.type(DeliveryRow)`
    SELECT * FROM deliveries
    WHERE tenant = ${tenant} AND subscription_id = ${subscriptionId}
      AND ${sql.and(filtersOf(query))}
    ORDER BY accepted_at DESC, id DESC
    LIMIT ${query.limit + 1}`)
  return pageFrom(rows, {
    limit: query.limit,
    placeOf: ({ accepted_at: timeMs, id }) => ({ timeMs, id }),
    resourceOf: deliveryResource,
  })
}

function filtersOf({ status, event, from, to, cursor }: DeliveryQuery): FragmentSqlToken[] {
  const filters: FragmentSqlToken[] = []
  if (status === 'delivered') filters.push(sql.fragment`status = 'delivered'`)
  // Said twice, for the planner to see that the index of the others will do.
  else if (status) filters.push(sql.fragment`status = ${status} AND status <> 'delivered'`)
  if (event) filters.push(sql.fragment`event_type = ${event}`)
  if (from) filters.push(sql.fragment`accepted_at >= ${sql.timestamp(new Date(from))}`)
  if (to) filters.push(sql.fragment`accepted_at < ${sql.timestamp(new Date(to))}`)
  if (cursor) {
    const { timeMs, id } = decodeCursor(cursor)
    const time = new Date(timeMs).toISOString()
    // The first condition leaves out partitions, which the second one does not.
    filters.push(sql.fragment`accepted_at <= ${time} AND (accepted_at, id) < (${time}, ${id})`)
  }
  return filters
}
