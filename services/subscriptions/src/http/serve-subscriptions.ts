import type { Configuration, Subscription } from '@jethook/configuration'
import {
  CreateSubscription,
  pageOf,
  pageQuery,
  RotateSecret,
  RotateSecretQuery,
  SecretLinkResource,
  SubscriptionResource,
  SubscriptionWithSecret,
  TestResult,
  UpdateSubscription,
  type ProblemCode,
} from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { Streak } from '../endpoint-health/streak.ts'
import type { ManageSubscriptions } from '../manage/manage-subscriptions.ts'
import type { SendTestEvent } from '../test-event/send-test-event.ts'
import type { Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { readSettings } from './read-settings.ts'
import type { ShowNewSecret } from './show-new-secret.ts'
import { showSubscription } from './show-resources.ts'
import { takePage } from './take-page.ts'
import { traceContextOf } from './trace-context.ts'
import { withOptionalBody } from './with-optional-body.ts'
import { withoutBody } from './without-body.ts'

export interface SubscriptionRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly subscriptions: ManageSubscriptions
  readonly showNewSecret: ShowNewSecret
  /** The failures of a subscription since its last success. */
  readonly streakOf: (subscriptionId: string) => Streak | undefined
  readonly sendTestEvent: SendTestEvent
}

const path = '/v1/webhooks/subscriptions'
/** Why settings are refused. */
export const refusals = [
  'unknown_event_type',
  'event_type_taken',
  'invalid_url',
  'destination_refused',
  'invalid_client_certificate',
  'invalid_expiry',
  'invalid_header',
  'unknown_profile',
] as const satisfies ProblemCode[]

const ById = z.object({ id: z.string() })
const NoContent = z.null().describe('It gets nothing any more, retries included.')

export function serveSubscriptions(app: HttpServer, options: SubscriptionRoutes): void {
  const { access, configuration, subscriptions, showNewSecret, sendTestEvent } = options
  const show = (subscription: Subscription) => showSubscription(subscription, options.streakOf(subscription.id))
  const reading = access.tenant('admin', 'support')
  const changing = access.writer

  app.post(
    path,
    {
      onRequest: changing,
      schema: describeRoute(
        'Subscriptions',
        'Subscribe a URL to events',
        [...refusals, 'invalid_secret', 'subscription_limit_reached', 'invalid_json', 'invalid_request'],
        { body: CreateSubscription, response: { 201: SubscriptionWithSecret } },
      ),
    },
    async (request, reply) => {
      const { secret: supplied, secretKind: kind, ...settings } = request.body
      const { subscription, newSecret } = await subscriptions.create(access.tenantOf(request), readSettings(settings), {
        supplied,
        kind,
      })
      void reply.code(201).header('location', `${path}/${subscription.id}`)
      return { ...show(subscription), ...showNewSecret(request, newSecret) }
    },
  )

  app.get(
    path,
    {
      onRequest: reading,
      schema: describeRoute('Subscriptions', 'List the subscriptions', ['invalid_cursor', 'invalid_request'], {
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(SubscriptionResource) },
      }),
    },
    (request) => {
      const { tenant } = access.tenantOf(request)
      const { data, nextCursor } = takePage(configuration.subscriptions(tenant).values(), request.query)
      return { data: data.map(show), nextCursor }
    },
  )

  app.get(
    `${path}/:id`,
    {
      onRequest: reading,
      schema: describeRoute('Subscriptions', 'Get a subscription', ['subscription_not_found'], {
        params: ById,
        response: { 200: SubscriptionResource },
      }),
    },
    (request) => show(subscriptions.find(access.tenantOf(request).tenant, request.params.id)),
  )

  app.patch(
    `${path}/:id`,
    {
      onRequest: changing,
      schema: describeRoute(
        'Subscriptions',
        'Change a subscription; what is left out stays as it is',
        ['subscription_not_found', ...refusals, 'invalid_json', 'invalid_request', 'conflict'],
        { params: ById, body: UpdateSubscription, response: { 200: SubscriptionResource } },
      ),
    },
    async (request) =>
      show(await subscriptions.update(access.tenantOf(request), request.params.id, readSettings(request.body))),
  )

  withOptionalBody(app, (scope) => {
    scope.post(
      `${path}/:id/rotate-secret`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Subscriptions',
          'Replace the signing secret; the answer shows the new one',
          ['subscription_not_found', 'invalid_secret', 'invalid_json', 'invalid_request', 'conflict'],
          {
            params: ById,
            querystring: RotateSecretQuery,
            body: RotateSecret,
            response: { 200: SubscriptionWithSecret },
          },
        ),
      },
      async (request) => {
        const { id } = request.params
        const wish = { supplied: request.body?.secret, kind: request.query.secretKind }
        const { subscription, newSecret } = await subscriptions.rotateSecret(access.tenantOf(request), id, wish)
        return { ...show(subscription), ...showNewSecret(request, newSecret) }
      },
    )
  })

  withoutBody(app, (scope) => {
    scope.delete(
      `${path}/:id`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Subscriptions',
          'Delete a subscription and what waits for it',
          ['subscription_not_found', 'conflict'],
          { params: ById, response: { 204: NoContent } },
        ),
      },
      async (request, reply) => {
        await subscriptions.delete(access.tenantOf(request), request.params.id)
        return reply.code(204).send(null)
      },
    )

    scope.post(
      `${path}/:id/secret-link`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Subscriptions',
          'Make another link to a secret that was not shown yet',
          ['subscription_not_found', 'secret_link_not_found', 'secret_link_used'],
          { params: ById, response: { 201: SecretLinkResource } },
        ),
      },
      async (request, reply) => {
        const link = await subscriptions.renewSecretLink(access.tenantOf(request), request.params.id)
        void reply.code(201)
        return showNewSecret.link(request, link)
      },
    )

    for (const [action, summary] of [
      ['enable', 'Make it active: one that was disabled, or is inactive'],
      ['pause', 'Keep its events and retries until it is resumed'],
      ['resume', 'Deliver what was kept while it was paused, and go on'],
    ] as const) {
      scope.post(
        `${path}/:id/${action}`,
        {
          onRequest: changing,
          schema: describeRoute('Subscriptions', summary, ['subscription_not_found', 'conflict'], {
            params: ById,
            response: { 200: SubscriptionResource },
          }),
        },
        async (request) => show(await subscriptions[action](access.tenantOf(request), request.params.id)),
      )
    }

    scope.post(
      `${path}/:id/test`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Subscriptions',
          'Send a test event to this subscription alone',
          ['subscription_not_found', 'subscription_expired', 'destination_refused', 'stream_full'],
          { params: ById, response: { 202: TestResult } },
        ),
      },
      async (request, reply) => {
        const { tenant, by } = access.tenantOf(request)
        const { id } = subscriptions.find(tenant, request.params.id)
        void reply.code(202)
        return sendTestEvent({ tenant, subscriptionId: id, by, traceContext: traceContextOf(request) })
      },
    )
  })
}
