import { evolveApiKey, type ApiKey, type Configuration, type SecretBox } from '@jethook/configuration'
import { CreatedApiKey, SetWebhook, WebhookResource } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppendDecision } from '../../append/append-decision.ts'
import { rotatePrimaryKey } from '../../decide/rotate-primary-key.ts'
import { requireProfile, stateOf } from '../../decide/tenant-state.ts'
import { drawApiKey } from '../../manage/draw-api-key.ts'
import type { ManageWebhooks } from '../../manage/manage-webhooks.ts'
import type { Access } from '../access.ts'
import { describeRoute } from '../describe-route.ts'
import { showApiKey } from '../show-resources.ts'
import { showSingleWebhook } from '../show-webhook.ts'
import { withoutBody } from '../without-body.ts'

export interface AccountRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
  readonly webhooks: ManageWebhooks
}

const path = '/v1/account/webhook'

/** Lumin Sign's account webhook: one URL per workspace, all events, signed with the primary API key. */
export function serveAccount(app: HttpServer, options: AccountRoutes): void {
  const { access, configuration, append, secretBox, webhooks } = options
  const reading = access.provider('lumin-sign', 'read')
  const changing = access.provider('lumin-sign', 'write')

  app.get(
    path,
    {
      onRequest: reading,
      schema: describeRoute('Lumin Sign', 'Get the account webhook', ['other_api', 'subscription_not_found'], {
        response: { 200: WebhookResource },
      }),
    },
    (request) => showSingleWebhook(webhooks.find(access.tenantOf(request).tenant, null)),
  )

  app.put(
    path,
    {
      onRequest: changing,
      schema: describeRoute(
        'Lumin Sign',
        'Set the URL of the account webhook (the workspace’s owner alone)',
        ['other_api', 'invalid_url', 'destination_refused', 'invalid_json', 'invalid_request'],
        { body: SetWebhook, response: { 200: WebhookResource } },
      ),
    },
    async (request) => showSingleWebhook(await webhooks.set(access.tenantOf(request), null, request.body.url)),
  )

  withoutBody(app, (scope) => {
    scope.delete(
      path,
      {
        onRequest: changing,
        schema: describeRoute(
          'Lumin Sign',
          'Delete the account webhook (the workspace’s owner alone)',
          ['other_api', 'subscription_not_found'],
          { response: { 204: z.null().describe('It gets nothing any more, retries included.') } },
        ),
      },
      async (request, reply) => {
        await webhooks.delete(access.tenantOf(request), null)
        return reply.code(204).send(null)
      },
    )

    scope.post(
      '/v1/account/api-key/rotate',
      {
        onRequest: changing,
        schema: describeRoute(
          'Lumin Sign',
          'Replace the primary API key, which signs the account webhook (the workspace’s owner alone)',
          ['other_api', 'api_key_not_found'],
          { response: { 200: CreatedApiKey } },
        ),
      },
      async (request) => {
        const { tenant, by } = access.tenantOf(request)
        const at = Date.now()
        const { prefix } = requireProfile(tenant, stateOf(configuration, tenant)).apiKey
        const { key, ...drawn } = drawApiKey(secretBox, { tenant, prefix, at })
        const event = await append(tenant, (state) => rotatePrimaryKey({ tenant, by, at, ...drawn }, state))
        return { ...showApiKey(evolveApiKey(undefined, event) as ApiKey, event.keyId), key }
      },
    )
  })
}
