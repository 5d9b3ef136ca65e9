import type { Configuration } from '@jethook/configuration'
import {
  DeliveryResource,
  EventResource,
  EventTypeResource,
  pageOf,
  pageQuery,
  ProblemError,
  RejectedEventResource,
  RejectedQuery,
} from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import { requireProfile, stateOf } from '../decide/tenant-state.ts'
import type { ReadModels } from '../read-models/create-read-models.ts'
import type { Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import type { FindPayload } from '../events/find-payload.ts'
import { writeEvent } from './write-event.ts'

export interface EventRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly readModels: Pick<ReadModels, 'getEvent' | 'listEventDeliveries' | 'listRejected'>
  readonly findPayload: FindPayload
}

export function serveEvents(app: HttpServer, { access, configuration, readModels, findPayload }: EventRoutes): void {
  app.get(
    '/v1/event-types',
    {
      onRequest: access.tenant('admin', 'support', 'publisher'),
      schema: describeRoute('Events', 'List the event types of the catalogue', [], {
        response: { 200: pageOf(EventTypeResource) },
      }),
    },
    (request) => {
      const { tenant } = access.tenantOf(request)
      const profile = requireProfile(tenant, stateOf(configuration, tenant))
      return { data: profile.eventTypes, nextCursor: null }
    },
  )

  app.get(
    '/v1/events/rejected',
    {
      onRequest: access.operatorOrTenant('admin', 'support'),
      schema: describeRoute(
        'Events',
        'List the events published over NATS that failed validation, newest first',
        ['invalid_cursor', 'invalid_request', 'database_unavailable'],
        { querystring: RejectedQuery, response: { 200: pageOf(RejectedEventResource) } },
      ),
    },
    (request) => {
      const { limit, cursor, tenant: asked } = request.query
      const caller = access.callerOf(request)
      if (caller.kind === 'operator') return readModels.listRejected({ tenant: asked, limit, cursor })
      if (asked !== undefined && asked !== caller.tenant)
        throw new ProblemError('forbidden', 'Only the operator key may ask for the rejected events of other tenants.')
      return readModels.listRejected({ tenant: caller.tenant, limit, cursor })
    },
  )

  app.get(
    '/v1/events/:id/deliveries',
    {
      onRequest: access.tenant('admin', 'support'),
      schema: describeRoute(
        'Events',
        'List the deliveries of an event to all subscriptions, newest first',
        ['event_not_found', 'invalid_cursor', 'invalid_request', 'database_unavailable'],
        {
          params: z.object({ id: z.string() }),
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(DeliveryResource) },
        },
      ),
    },
    async (request) => {
      const { id } = request.params
      const page = await readModels.listEventDeliveries(access.tenantOf(request).tenant, id, request.query)
      if (!page) throw new ProblemError('event_not_found', `There is no event ${id}.`)
      return page
    },
  )

  app.get(
    '/v1/events/:id',
    {
      onRequest: access.tenant('admin', 'support'),
      schema: describeRoute(
        'Events',
        'Get an event with its payload',
        ['event_not_found', 'event_expired', 'database_unavailable', 'broker_unavailable'],
        {
          params: z.object({ id: z.string() }),
          response: { 200: EventResource },
        },
      ),
    },
    async (request, reply) => {
      const { id } = request.params
      const { tenant } = access.tenantOf(request)
      const event = await readModels.getEvent(tenant, id)
      if (!event) throw new ProblemError('event_not_found', `There is no event ${id}.`)
      const payload = await findPayload({ tenant, eventId: event.id, eventSequence: event.sequence })
      if (!payload) throw new ProblemError('event_expired', `The event ${id} is no longer kept.`)
      // Bytes go out as they are, whatever the schema; it is there for the reference.
      return reply.type('application/json').send(writeEvent({ ...event, payload }) as never)
    },
  )
}
