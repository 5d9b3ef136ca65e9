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
import { listEventDeliveries, type EventDeliveriesFilter } from './deliveries/list-event-deliveries.ts'
import { getEvent, type StoredEvent } from './events/get-event.ts'
import type { Page } from './page.ts'
import { isPossibleId } from './possible-id.ts'
import { read } from './read.ts'
import { listRejected, type RejectedFilter } from './rejected-events/list-rejected.ts'

/**
 * What the API asks Postgres. Every method throws ProblemError: `database_unavailable` when Postgres does not answer
 * within seconds, `invalid_cursor` when a cursor is not one of ours.
 */
export interface ReadModels {
  /** Newest first. */
  listDeliveries(tenant: string, subscriptionId: string, query: DeliveryQuery): Promise<Page<DeliveryResource>>
  /** Of all subscriptions; undefined when there is no such event. Newest first. */
  listEventDeliveries(
    tenant: string,
    eventId: string,
    filter: EventDeliveriesFilter,
  ): Promise<Page<DeliveryResource> | undefined>
  /** With its attempts, at most the latest 200, in their order. */
  getDelivery(tenant: string, deliveryId: string): Promise<DeliveryDetail | undefined>
  /** `attempts` is the highest number of an attempt so far. */
  deliveryForReplay(tenant: string, deliveryId: string): Promise<(DeliveryReference & { attempts: number }) | undefined>
  getEvent(tenant: string, eventId: string): Promise<StoredEvent | undefined>
  /** Newest first; of all tenants when none is given. */
  listRejected(query: RejectedFilter): Promise<Page<RejectedEventResource>>
}

export function createReadModels({ pool }: Database): ReadModels {
  const readOf = <T>(id: string, query: () => Promise<T>): Promise<T | undefined> =>
    isPossibleId(id) ? read(query) : Promise.resolve(undefined)
  return {
    listDeliveries: async (tenant, subscriptionId, query) =>
      (await readOf(subscriptionId, () => listDeliveries(pool, tenant, subscriptionId, query))) ?? noEntries(),
    listEventDeliveries: (tenant, eventId, filter) =>
      readOf(eventId, () => listEventDeliveries(pool, tenant, eventId, filter)),
    getDelivery: (tenant, deliveryId) => readOf(deliveryId, () => getDelivery(pool, tenant, deliveryId)),
    deliveryForReplay: (tenant, deliveryId) => readOf(deliveryId, () => deliveryForReplay(pool, tenant, deliveryId)),
    getEvent: (tenant, eventId) => readOf(eventId, () => getEvent(pool, tenant, eventId)),
    listRejected: (query) => read(() => listRejected(pool, query)),
  }
}

const noEntries = <T>(): Page<T> => ({ data: [], nextCursor: null })
