import type { Configuration } from '@jethook/configuration'
import { DeliveryDetail, DeliveryQuery, DeliveryResource, pageOf, ProblemError, ReplayResult } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { ReadModels } from '../read-models/create-read-models.ts'
import type { ReplayDelivery } from '../replay/replay-delivery.ts'
import type { Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { traceContextOf } from './trace-context.ts'
import { withoutBody } from './without-body.ts'

export interface DeliveryRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly readModels: Pick<ReadModels, 'listDeliveries' | 'getDelivery'>
  readonly replayDelivery: ReplayDelivery
}

const ById = z.object({ id: z.string() })

export function serveDeliveries(app: HttpServer, options: DeliveryRoutes): void {
  const { access, configuration, readModels, replayDelivery } = options
  const allowed = access.tenant('admin', 'support')

  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      onRequest: allowed,
      schema: describeRoute(
        'Deliveries',
        'List a subscription’s deliveries, newest first',
        ['subscription_not_found', 'invalid_cursor', 'invalid_request', 'database_unavailable'],
        { params: ById, querystring: DeliveryQuery, response: { 200: pageOf(DeliveryResource) } },
      ),
    },
    async (request) => {
      const { tenant } = access.tenantOf(request)
      const { id } = request.params
      const page = await readModels.listDeliveries(tenant, id, request.query)
      // What was sent to a subscription that is deleted by now can still be read.
      if (page.data.length === 0 && !configuration.subscription(tenant, id))
        throw new ProblemError('subscription_not_found', `There is no subscription ${id}.`)
      return page
    },
  )

  app.get(
    '/v1/deliveries/:id',
    {
      onRequest: allowed,
      schema: describeRoute(
        'Deliveries',
        'Get a delivery with every attempt, of very many the latest 200',
        ['delivery_not_found', 'database_unavailable'],
        { params: ById, response: { 200: DeliveryDetail } },
      ),
    },
    async (request) => {
      const { id } = request.params
      const delivery = await readModels.getDelivery(access.tenantOf(request).tenant, id)
      if (!delivery) throw new ProblemError('delivery_not_found', `There is no delivery ${id}.`)
      return delivery
    },
  )

  withoutBody(app, (scope) => {
    scope.post(
      '/v1/deliveries/:id/replay',
      {
        onRequest: allowed,
        schema: describeRoute(
          'Deliveries',
          'Deliver again, as soon as its endpoint may be asked, also to a subscription that is paused, inactive or disabled',
          [
            'delivery_not_found',
            'subscription_not_found',
            'subscription_expired',
            'event_expired',
            'database_unavailable',
          ],
          { params: ById, response: { 202: ReplayResult } },
        ),
      },
      async (request, reply) => {
        const { id: deliveryId } = request.params
        const { tenant, by } = access.tenantOf(request)
        await replayDelivery({ tenant, deliveryId, by, traceContext: traceContextOf(request) })
        void reply.code(202)
        return { deliveryId, status: 'pending' as const }
      },
    )
  })
}
