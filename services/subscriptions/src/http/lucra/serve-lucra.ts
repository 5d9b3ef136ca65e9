import {
  CreateLucraConfig,
  LucraConfig,
  LucraConfigs,
  LucraConfigWithSecretLink,
  SecretLinkResource,
  UpdateLucraConfig,
} from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { ManageSubscriptions, WithNewSecret } from '../../manage/manage-subscriptions.ts'
import type { Access } from '../access.ts'
import { describeRoute } from '../describe-route.ts'
import { readSettings } from '../read-settings.ts'
import { renameFields } from '../rename-fields.ts'
import { refusals } from '../serve-subscriptions.ts'
import type { ShowNewSecret } from '../show-new-secret.ts'
import { withoutBody } from '../without-body.ts'
import { showConfig } from './show-config.ts'

export interface LucraRoutes {
  readonly access: Access
  readonly subscriptions: ManageSubscriptions
  readonly showNewSecret: ShowNewSecret
}

const path = '/api/rest/webhook/configs'
const ById = z.object({ id: z.string() })
const ourNames = { events: 'subscriptions' }

/** Lucra's API: a webhook configuration is a subscription. */
export function serveLucra(app: HttpServer, { access, subscriptions, showNewSecret }: LucraRoutes): void {
  const reading = access.provider('lucra', 'read')
  const changing = access.provider('lucra', 'write')
  const withSecret = (request: Parameters<ShowNewSecret>[0], { subscription, newSecret }: WithNewSecret) => ({
    ...showConfig(subscription),
    ...showNewSecret(request, newSecret),
  })

  app.post(
    path,
    {
      onRequest: changing,
      schema: describeRoute(
        'Lucra',
        'Create a webhook configuration',
        ['other_api', ...refusals, 'subscription_limit_reached', 'invalid_json', 'invalid_request'],
        { body: CreateLucraConfig, response: { 201: LucraConfigWithSecretLink } },
      ),
    },
    async (request, reply) => {
      const settings = settingsOf(request.body)
      const created = await renameFields(ourNames, () => subscriptions.create(access.tenantOf(request), settings))
      void reply.code(201).header('location', `${path}/${created.subscription.id}`)
      return withSecret(request, created)
    },
  )

  app.get(
    path,
    {
      onRequest: reading,
      schema: describeRoute('Lucra', 'List the webhook configurations', ['other_api'], {
        response: { 200: LucraConfigs },
      }),
    },
    (request) => ({ data: subscriptions.list(access.tenantOf(request).tenant).map(showConfig), nextCursor: null }),
  )

  app.get(
    `${path}/:id`,
    {
      onRequest: reading,
      schema: describeRoute('Lucra', 'Get a webhook configuration', ['other_api', 'subscription_not_found'], {
        params: ById,
        response: { 200: LucraConfig },
      }),
    },
    (request) => showConfig(subscriptions.find(access.tenantOf(request).tenant, request.params.id)),
  )

  app.put(
    `${path}/:id`,
    {
      onRequest: changing,
      schema: describeRoute(
        'Lucra',
        'Change a webhook configuration; what is left out stays as it is',
        ['other_api', 'subscription_not_found', ...refusals, 'invalid_json', 'invalid_request'],
        { params: ById, body: UpdateLucraConfig, response: { 200: LucraConfig } },
      ),
    },
    async (request) => {
      const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...fields } = request.body
      const changes = settingsOf(fields)
      return renameFields(ourNames, async () =>
        showConfig(await subscriptions.update(access.tenantOf(request), request.params.id, changes)),
      )
    },
  )

  withoutBody(app, (scope) => {
    scope.delete(
      `${path}/:id`,
      {
        onRequest: changing,
        schema: describeRoute('Lucra', 'Delete a webhook configuration', ['other_api', 'subscription_not_found'], {
          params: ById,
          response: { 204: z.null().describe('It gets nothing any more, retries included.') },
        }),
      },
      async (request, reply) => {
        await subscriptions.delete(access.tenantOf(request), request.params.id)
        return reply.code(204).send(null)
      },
    )

    scope.post(
      `${path}/:id/rotate-secret`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Lucra',
          'Replace the shared secret; for a day both sign, and the answer links to the new one',
          ['other_api', 'subscription_not_found'],
          { params: ById, response: { 200: LucraConfigWithSecretLink } },
        ),
      },
      async (request) =>
        withSecret(request, await subscriptions.rotateSecret(access.tenantOf(request), request.params.id)),
    )

    scope.post(
      `${path}/:id/secret-link`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Lucra',
          'Make another link to a secret that was not shown yet',
          ['other_api', 'subscription_not_found', 'secret_link_not_found', 'secret_link_used'],
          { params: ById, response: { 201: SecretLinkResource } },
        ),
      },
      async (request, reply) => {
        const link = await subscriptions.renewSecretLink(access.tenantOf(request), request.params.id)
        void reply.code(201)
        return showNewSecret.link(request, link)
      },
    )
  })
}

/** Under our names. */
function settingsOf<B extends z.infer<typeof UpdateLucraConfig>>({ subscriptions: events, ...fields }: B) {
  return readSettings({ ...fields, events })
}
