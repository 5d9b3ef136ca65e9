import type { DeliveryQuery, DeliveryResource, DeliveryStatus } from '@jethook/contracts'
import { sql, type CommonQueryMethods, type FragmentSqlToken } from 'slonik'
import { z } from 'zod'
import { decodeCursor, pageFrom, type Page } from '../page.ts'
import { deliveryResource, DeliveryRow, isDeleted, rowOfDelivery, storedStatuses } from './delivery.ts'

/** Deliveries of a subscription, newest first. */
export async function listDeliveries(
  database: CommonQueryMethods,
  tenant: string,
  subscriptionId: string,
  query: DeliveryQuery,
): Promise<Page<DeliveryResource>> {
  const newest = sql.fragment`ORDER BY accepted_at DESC, id DESC LIMIT ${query.limit + 1}`
  const newestWith = (filters: readonly FragmentSqlToken[]) => sql.fragment`(
    SELECT * FROM deliveries
    WHERE tenant = ${tenant} AND subscription_id = ${subscriptionId} AND ${sql.and([...filters, ...filtersOf(query)])}
    ${newest})`
  // Each status by itself: the index of what is not delivered has each in the order of the list, and not several together.
  const parts = query.status
    ? (await statusesOf(database, subscriptionId, query.status)).map((status) => newestWith([statusIs(status)]))
    : [newestWith([])]
  const rows =
    parts.length === 0
      ? []
      : await database.any(sql.type(DeliveryRow)`
          SELECT ${rowOfDelivery} FROM (${sql.join(parts, sql.fragment` UNION ALL `)}) AS parts ${newest}`)
  return pageFrom(rows, {
    limit: query.limit,
    placeOf: ({ accepted_at: timeMs, id }) => ({ timeMs, id }),
    resourceOf: deliveryResource,
  })
}

async function statusesOf(
  database: CommonQueryMethods,
  subscriptionId: string,
  status: DeliveryStatus,
): Promise<readonly DeliveryStatus[]> {
  const deleted = await database.oneFirst(
    sql.type(z.object({ deleted: z.boolean() }))`SELECT ${isDeleted(sql.fragment`${subscriptionId}`)} AS deleted`,
  )
  return storedStatuses(status, deleted)
}

function filtersOf({ event, from, to, cursor }: DeliveryQuery): FragmentSqlToken[] {
  const filters: FragmentSqlToken[] = []
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

/** Said twice, for the planner to see that the index of what is not delivered will do. */
const statusIs = (status: DeliveryStatus): FragmentSqlToken =>
  status === 'delivered'
    ? sql.fragment`status = 'delivered'`
    : sql.fragment`status = ${status} AND status <> 'delivered'`
