import {
  CreateLumoAuthWebhook,
  DeliveryQuery,
  DeliveryResource,
  LumoAuthWebhook,
  LumoAuthWebhookWithSecret,
  pageOf,
  RotateSecret,
  UpdateLumoAuthWebhook,
  type ProblemCode,
} from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { ManageSubscriptions, WithNewSecret } from '../../manage/manage-subscriptions.ts'
import type { ReadModels } from '../../read-models/create-read-models.ts'
import type { Access } from '../access.ts'
import { describeRoute } from '../describe-route.ts'
import { given } from '../read-settings.ts'
import { refusals } from '../serve-subscriptions.ts'
import type { ShowNewSecret } from '../show-new-secret.ts'
import { withOptionalBody } from '../with-optional-body.ts'
import { withoutBody } from '../without-body.ts'
import { showWebhook } from './show-webhook.ts'

export interface LumoAuthRoutes {
  readonly access: Access
  readonly subscriptions: ManageSubscriptions
  readonly showNewSecret: ShowNewSecret
  readonly readModels: Pick<ReadModels, 'listDeliveries'>
}

/** The page's path, and those of the API reference that came later. Both names stand for the tenant. */
const bases: readonly { readonly base: string; readonly Path: z.ZodObject }[] = [
  { base: '/t/:tenantSlug/api/v1/webhooks', Path: z.object({ tenantSlug: z.string() }) },
  { base: '/t/:tenantSlug/api/v1/admin/webhooks', Path: z.object({ tenantSlug: z.string() }) },
  { base: '/orgs/:orgId/api/v1/admin/webhooks', Path: z.object({ orgId: z.string() }) },
]
const always = ['other_api', 'unknown_tenant'] as const satisfies ProblemCode[]
const ofOne = [...always, 'subscription_not_found'] as const satisfies ProblemCode[]

/** LumoAuth's API: a webhook is a subscription. */
export function serveLumoAuth(app: HttpServer, options: LumoAuthRoutes): void {
  for (const { base, Path } of bases) serveBelow(app, base, Path, options)
}

function serveBelow(app: HttpServer, path: string, Path: z.ZodObject, options: LumoAuthRoutes): void {
  const { access, subscriptions, showNewSecret, readModels } = options
  const reading = access.provider('lumoauth', 'read')
  const changing = access.provider('lumoauth', 'write')
  // The tenant in the path is the access check's business; of handlers, only the id is.
  const ById = Path.extend({ id: z.string() }) as unknown as z.ZodObject<{ id: z.ZodString }>
  const withSecret = (request: Parameters<ShowNewSecret>[0], { subscription, newSecret }: WithNewSecret) => ({
    ...showWebhook(subscription),
    ...showNewSecret(request, newSecret),
  })

  app.post(
    path,
    {
      onRequest: changing,
      schema: describeRoute(
        'LumoAuth',
        'Create a webhook',
        [...always, ...refusals, 'invalid_secret', 'subscription_limit_reached', 'invalid_json', 'invalid_request'],
        { params: Path, body: CreateLumoAuthWebhook, response: { 201: LumoAuthWebhookWithSecret } },
      ),
    },
    async (request, reply) => {
      const { secret, ...settings } = request.body
      const created = await subscriptions.create(access.tenantOf(request), settings, { supplied: secret })
      void reply.code(201).header('location', `${request.url}/${created.subscription.id}`)
      return withSecret(request, created)
    },
  )

  app.get(
    path,
    {
      onRequest: reading,
      schema: describeRoute('LumoAuth', 'List the webhooks', always, {
        params: Path,
        response: { 200: pageOf(LumoAuthWebhook) },
      }),
    },
    (request) => ({ data: subscriptions.list(access.tenantOf(request).tenant).map(showWebhook), nextCursor: null }),
  )

  app.get(
    `${path}/:id`,
    {
      onRequest: reading,
      schema: describeRoute('LumoAuth', 'Get a webhook', ofOne, { params: ById, response: { 200: LumoAuthWebhook } }),
    },
    (request) => showWebhook(subscriptions.find(access.tenantOf(request).tenant, request.params.id)),
  )

  app.put(
    `${path}/:id`,
    {
      onRequest: changing,
      schema: describeRoute(
        'LumoAuth',
        'Change a webhook; what is left out stays as it is',
        [...ofOne, ...refusals, 'invalid_json', 'invalid_request'],
        { params: ById, body: UpdateLumoAuthWebhook, response: { 200: LumoAuthWebhook } },
      ),
    },
    async (request) => {
      const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...fields } = request.body
      const changes = given(fields)
      return showWebhook(await subscriptions.update(access.tenantOf(request), request.params.id, changes))
    },
  )

  app.get(
    `${path}/:id/deliveries`,
    {
      onRequest: reading,
      schema: describeRoute(
        'LumoAuth',
        'List a webhook’s deliveries, newest first',
        [...ofOne, 'invalid_cursor', 'invalid_request', 'database_unavailable'],
        { params: ById, querystring: DeliveryQuery, response: { 200: pageOf(DeliveryResource) } },
      ),
    },
    (request) => {
      const { tenant } = access.tenantOf(request)
      const { id } = subscriptions.find(tenant, request.params.id)
      return readModels.listDeliveries(tenant, id, request.query)
    },
  )

  withOptionalBody(app, (scope) => {
    scope.post(
      `${path}/:id/rotate-secret`,
      {
        onRequest: changing,
        schema: describeRoute(
          'LumoAuth',
          'Replace the shared secret, by yours or a new one; the answer shows it',
          [...ofOne, 'invalid_secret', 'invalid_json', 'invalid_request'],
          { params: ById, body: RotateSecret, response: { 200: LumoAuthWebhookWithSecret } },
        ),
      },
      async (request) => {
        const wish = { supplied: request.body?.secret }
        return withSecret(request, await subscriptions.rotateSecret(access.tenantOf(request), request.params.id, wish))
      },
    )
  })

  withoutBody(app, (scope) => {
    scope.delete(
      `${path}/:id`,
      {
        onRequest: changing,
        schema: describeRoute('LumoAuth', 'Delete a webhook', ofOne, {
          params: ById,
          response: { 204: z.null().describe('It gets nothing any more, retries included.') },
        }),
      },
      async (request, reply) => {
        await subscriptions.delete(access.tenantOf(request), request.params.id)
        return reply.code(204).send(null)
      },
    )

    for (const [name, active] of [
      ['enable', true],
      ['disable', false],
    ] as const) {
      scope.post(
        `${path}/:id/${name}`,
        {
          onRequest: changing,
          schema: describeRoute('LumoAuth', active ? 'Enable a webhook' : 'Disable a webhook', ofOne, {
            params: ById,
            response: { 200: LumoAuthWebhook },
          }),
        },
        async (request) =>
          showWebhook(await subscriptions.update(access.tenantOf(request), request.params.id, { active })),
      )
    }
  })
}
