import { GrantResource, SetGrant, UserId } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { ManageApps } from '../../manage/manage-apps.ts'
import type { Access } from '../access.ts'
import { describeRoute } from '../describe-route.ts'
import { withoutBody } from '../without-body.ts'

export interface GrantRoutes {
  readonly access: Access
  readonly apps: ManageApps
}

const path = '/v1/apps/:id/grants/:userId'
const OfUser = z.object({ id: z.string(), userId: UserId })

/** What a user lets an app have. Users decide, the tenant's back end tells: an admin's key is enough, whoever may change webhooks. */
export function serveGrants(app: HttpServer, { access, apps }: GrantRoutes): void {
  app.get(
    path,
    {
      onRequest: access.tenant('admin', 'support'),
      schema: describeRoute('Apps', 'Get what a user lets an app have', ['app_not_found', 'invalid_request'], {
        params: OfUser,
        response: { 200: GrantResource },
      }),
    },
    (request) => {
      const { id, userId } = request.params
      return { userId, scopes: apps.grantedScopes(access.tenantOf(request).tenant, id, userId) }
    },
  )

  app.put(
    path,
    {
      onRequest: access.tenant('admin'),
      schema: describeRoute(
        'Apps',
        'Let an app have a user’s events; the scopes replace those granted before',
        ['app_not_found', 'invalid_json', 'invalid_request'],
        { params: OfUser, body: SetGrant, response: { 200: GrantResource } },
      ),
    },
    async (request) => {
      const { id, userId } = request.params
      const actor = access.tenantOf(request)
      await apps.grant(actor, id, userId, request.body.scopes)
      return { userId, scopes: apps.grantedScopes(actor.tenant, id, userId) }
    },
  )

  withoutBody(app, (scope) => {
    scope.delete(
      path,
      {
        onRequest: access.tenant('admin'),
        schema: describeRoute('Apps', 'Take back what a user let an app have', ['app_not_found', 'invalid_request'], {
          params: OfUser,
          response: { 204: z.null().describe('It gets none of the user’s events any more, retries included.') },
        }),
      },
      async (request, reply) => {
        const { id, userId } = request.params
        await apps.grant(access.tenantOf(request), id, userId, [])
        return reply.code(204).send(null)
      },
    )
  })
}
