import { SetWebhook, WebhookResource } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { ManageApps } from '../../manage/manage-apps.ts'
import type { ManageWebhooks } from '../../manage/manage-webhooks.ts'
import type { Access } from '../access.ts'
import { describeRoute } from '../describe-route.ts'
import { showSingleWebhook } from '../show-webhook.ts'
import { withoutBody } from '../without-body.ts'

export interface AppWebhookRoutes {
  readonly access: Access
  readonly apps: Pick<ManageApps, 'find'>
  readonly webhooks: ManageWebhooks
}

const path = '/v1/apps/:id/webhook'
const ById = z.object({ id: z.string() })
const NotThere = ['app_not_found', 'subscription_not_found'] as const

/** The one webhook of an app, signed with the app's secret. */
export function serveAppWebhooks(app: HttpServer, { access, apps, webhooks }: AppWebhookRoutes): void {
  app.get(
    path,
    {
      onRequest: access.tenant('admin', 'support'),
      schema: describeRoute('Apps', 'Get the webhook of an app', NotThere, {
        params: ById,
        response: { 200: WebhookResource },
      }),
    },
    (request) => {
      const { tenant } = access.tenantOf(request)
      return showSingleWebhook(webhooks.find(tenant, apps.find(tenant, request.params.id).id))
    },
  )

  app.put(
    path,
    {
      onRequest: access.writer,
      schema: describeRoute(
        'Apps',
        'Set the URL of the webhook of an app',
        ['app_not_found', 'invalid_url', 'destination_refused', 'invalid_json', 'invalid_request'],
        { params: ById, body: SetWebhook, response: { 200: WebhookResource } },
      ),
    },
    async (request) =>
      showSingleWebhook(await webhooks.set(access.tenantOf(request), request.params.id, request.body.url)),
  )

  withoutBody(app, (scope) => {
    scope.delete(
      path,
      {
        onRequest: access.writer,
        schema: describeRoute('Apps', 'Delete the webhook of an app', NotThere, {
          params: ById,
          response: { 204: z.null().describe('It gets nothing any more, retries included.') },
        }),
      },
      async (request, reply) => {
        const actor = access.tenantOf(request)
        await webhooks.delete(actor, apps.find(actor.tenant, request.params.id).id)
        return reply.code(204).send(null)
      },
    )
  })
}
