import type {
  DeliveryDetail,
  DeliveryQuery,
  DeliveryReference,
  DeliveryResource,
  RejectedEventResource,
} from '@jethook/contracts'
import type { Database } from '../database/open-database.ts'
import { deliveryForReplay } from './deliveries/delivery-for-replay.ts'
import { getDelivery } from './deliveries/get-delivery.ts'
import { listDeliveries } from './deliveries/list-deliveries.ts'
import { getEvent, type StoredEvent } from './events/get-event.ts'
import type { Page } from './page.ts'
import { read } from './read.ts'
import { listRejected, type RejectedFilter } from './rejected-events/list-rejected.ts'

/**
 * What the API asks Postgres. Every method throws ProblemError: `database_unavailable` when Postgres does not answer
 * within seconds, `invalid_cursor` when a cursor is not one of ours.
 */
export interface ReadModels {
  /** Newest first. */
  listDeliveries(tenant: string, subscriptionId: string, query: DeliveryQuery): Promise<Page<DeliveryResource>>
  /** With every attempt, in their order. */
  getDelivery(tenant: string, deliveryId: string): Promise<DeliveryDetail | undefined>
  /** `attempts` is the highest number of an attempt so far. */
  deliveryForReplay(tenant: string, deliveryId: string): Promise<(DeliveryReference & { attempts: number }) | undefined>
  getEvent(tenant: string, eventId: string): Promise<StoredEvent | undefined>
  /** Newest first; of all tenants when none is given. */
  listRejected(query: RejectedFilter): Promise<Page<RejectedEventResource>>
}

export function createReadModels({ pool }: Database): ReadModels {
  return {
    listDeliveries: (tenant, subscriptionId, query) => read(() => listDeliveries(pool, tenant, subscriptionId, query)),
    getDelivery: (tenant, deliveryId) => read(() => getDelivery(pool, tenant, deliveryId)),
    deliveryForReplay: (tenant, deliveryId) => read(() => deliveryForReplay(pool, tenant, deliveryId)),
    getEvent: (tenant, eventId) => read(() => getEvent(pool, tenant, eventId)),
    listRejected: (query) => read(() => listRejected(pool, query)),
  }
}
