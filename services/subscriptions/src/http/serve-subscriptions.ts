import { randomBytes } from 'node:crypto'
import { evolveSubscription, type Configuration, type SecretBox, type Subscription } from '@jethook/configuration'
import {
  createId,
  CreateSubscription,
  pageOf,
  pageQuery,
  SubscriptionResource,
  SubscriptionWithSecret,
  TestResult,
  UpdateSubscription,
  type SubscriptionSettings,
} from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppendDecision } from '../append/append-decision.ts'
import type { PurgeCalendar } from '../calendar/purge-calendar.ts'
import { createSubscription } from '../decide/create-subscription.ts'
import { deleteSubscription } from '../decide/delete-subscription.ts'
import { rotateSecret } from '../decide/rotate-secret.ts'
import { profileOf, requireSubscription, requireTenant, stateOf } from '../decide/tenant-state.ts'
import { updateSubscription } from '../decide/update-subscription.ts'
import type { SendTestEvent } from '../test-event/send-test-event.ts'
import type { Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { showSubscription } from './show-resources.ts'
import { takePage } from './take-page.ts'
import { traceContextOf } from './trace-context.ts'
import { withoutBody } from './without-body.ts'

export interface SubscriptionRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
  readonly purgeCalendar: PurgeCalendar
  readonly sendTestEvent: SendTestEvent
}

const path = '/v1/webhooks/subscriptions'
const ById = z.object({ id: z.string() })
const NoContent = z.null().describe('It gets nothing any more, retries included.')

export function serveSubscriptions(app: HttpServer, options: SubscriptionRoutes): void {
  const { access, configuration, append, secretBox, purgeCalendar, sendTestEvent } = options
  const reading = access.tenant('admin', 'support')
  const changing = access.tenant('admin')

  /** `sealed` is for the stream, `plain` for the one answer that shows it. The dispatcher names the same owner. */
  const drawSecret = (tenantId: string, subscriptionId: string) => {
    const { prefix, bytes } = profileOf(requireTenant(tenantId, stateOf(configuration, tenantId))).secret
    const plain = prefix + randomBytes(bytes).toString('hex')
    return { plain, sealed: secretBox.encrypt(plain, `${tenantId}/${subscriptionId}`) }
  }

  const findSubscription = (tenant: string, id: string): Subscription =>
    requireSubscription(id, stateOf(configuration, tenant))

  app.post(
    path,
    {
      onRequest: changing,
      schema: describeRoute(
        'Subscriptions',
        'Subscribe a URL to events',
        ['unknown_event_type', 'invalid_url', 'invalid_json', 'invalid_request'],
        { body: CreateSubscription, response: { 201: SubscriptionWithSecret } },
      ),
    },
    async (request, reply) => {
      const { tenant, by } = access.tenantOf(request)
      const at = Date.now()
      const subscriptionId = createId('sub', at)
      const secret = drawSecret(tenant, subscriptionId)
      const command = { tenant, by, at, subscriptionId, settings: request.body, secret: secret.sealed }
      const event = await append(tenant, (state) => createSubscription(command, state))
      void reply.code(201).header('location', `${path}/${subscriptionId}`)
      return { ...showSubscription(evolveSubscription(undefined, event) as Subscription), secret: secret.plain }
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
      return { data: data.map(showSubscription), nextCursor }
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
    (request) => showSubscription(findSubscription(access.tenantOf(request).tenant, request.params.id)),
  )

  app.patch(
    `${path}/:id`,
    {
      onRequest: changing,
      schema: describeRoute(
        'Subscriptions',
        'Change a subscription; what is left out stays as it is',
        ['subscription_not_found', 'unknown_event_type', 'invalid_url', 'invalid_json', 'invalid_request', 'conflict'],
        { params: ById, body: UpdateSubscription, response: { 200: SubscriptionResource } },
      ),
    },
    async (request) => {
      const { tenant, by } = access.tenantOf(request)
      const { id: subscriptionId } = request.params
      const changes = given(request.body)
      const command = { tenant, by, at: Date.now(), subscriptionId, changes }
      await append(tenant, (state) => updateSubscription(command, state))
      return showSubscription(findSubscription(tenant, subscriptionId))
    },
  )

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
        const { tenant, by } = access.tenantOf(request)
        const { id: subscriptionId } = request.params
        const command = { tenant, by, at: Date.now(), subscriptionId }
        await append(tenant, (state) => deleteSubscription(command, state))
        await purgeCalendar(tenant, subscriptionId)
        return reply.code(204).send(null)
      },
    )

    scope.post(
      `${path}/:id/rotate-secret`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Subscriptions',
          'Replace the signing secret; the answer shows the new one',
          ['subscription_not_found', 'conflict'],
          { params: ById, response: { 200: SubscriptionWithSecret } },
        ),
      },
      async (request) => {
        const { tenant, by } = access.tenantOf(request)
        const { id: subscriptionId } = request.params
        const secret = drawSecret(tenant, subscriptionId)
        const command = { tenant, by, at: Date.now(), subscriptionId, secret: secret.sealed }
        await append(tenant, (state) => rotateSecret(command, state))
        return { ...showSubscription(findSubscription(tenant, subscriptionId)), secret: secret.plain }
      },
    )

    scope.post(
      `${path}/:id/test`,
      {
        onRequest: changing,
        schema: describeRoute(
          'Subscriptions',
          'Send a test event to this subscription alone',
          ['subscription_not_found', 'stream_full'],
          { params: ById, response: { 202: TestResult } },
        ),
      },
      async (request, reply) => {
        const { tenant, by } = access.tenantOf(request)
        const { id } = findSubscription(tenant, request.params.id)
        void reply.code(202)
        return sendTestEvent({ tenant, subscriptionId: id, by, traceContext: traceContextOf(request) })
      },
    )
  })
}

/** Without the fields that were left out. */
function given(body: UpdateSubscription): Partial<SubscriptionSettings> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}
