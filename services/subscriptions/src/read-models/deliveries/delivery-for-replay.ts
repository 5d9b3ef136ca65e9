import type { DeliveryReference } from '@jethook/contracts'
import type { CommonQueryMethods } from 'slonik'
import { deliveryById } from './delivery.ts'

/** What a new entry of the calendar needs to know of a delivery. */
export async function deliveryForReplay(
  database: CommonQueryMethods,
  tenant: string,
  deliveryId: string,
): Promise<(DeliveryReference & { attempts: number }) | undefined> {
  const row = await database.maybeOne(deliveryById(tenant, deliveryId))
  if (!row) return undefined
  return {
    deliveryId: row.id,
    tenant: row.tenant,
    subscriptionId: row.subscription_id,
    eventId: row.event_id,
    eventType: row.event_type,
    eventSequence: row.event_sequence,
    acceptedAt: row.accepted_at,
    attempts: row.attempts,
  }
}
