import type { App } from '@jethook/configuration'
import { AppResource, AppWithSecret, CreateApp, pageOf, pageQuery } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppWithNewSecret, ManageApps } from '../../manage/manage-apps.ts'
import type { Access } from '../access.ts'
import { describeRoute } from '../describe-route.ts'
import { isoTime } from '../show-resources.ts'
import { takePage } from '../take-page.ts'
import { withoutBody } from '../without-body.ts'

export interface AppRoutes {
  readonly access: Access
  readonly apps: ManageApps
}

const path = '/v1/apps'
const ById = z.object({ id: z.string() })

export function serveApps(app: HttpServer, { access, apps }: AppRoutes): void {
  const reading = access.tenant('admin', 'support')

  app.post(
    path,
    {
      onRequest: access.writer,
      schema: describeRoute(
        'Apps',
        'Create an app, which users can let have their events',
        ['other_api', 'invalid_json', 'invalid_request'],
        { body: CreateApp, response: { 201: AppWithSecret } },
      ),
    },
    async (request, reply) => {
      const created = await apps.create(access.tenantOf(request), request.body)
      void reply.code(201).header('location', `${path}/${created.app.id}`)
      return withSecret(created)
    },
  )

  app.get(
    path,
    {
      onRequest: reading,
      schema: describeRoute('Apps', 'List the apps', ['invalid_cursor', 'invalid_request'], {
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(AppResource) },
      }),
    },
    (request) => {
      const { data, nextCursor } = takePage(apps.list(access.tenantOf(request).tenant), request.query)
      return { data: data.map(showApp), nextCursor }
    },
  )

  app.get(
    `${path}/:id`,
    {
      onRequest: reading,
      schema: describeRoute('Apps', 'Get an app', ['app_not_found'], { params: ById, response: { 200: AppResource } }),
    },
    (request) => showApp(apps.find(access.tenantOf(request).tenant, request.params.id)),
  )

  withoutBody(app, (scope) => {
    scope.post(
      `${path}/:id/rotate-secret`,
      {
        onRequest: access.writer,
        schema: describeRoute('Apps', 'Replace the signing secret; the answer shows the new one', ['app_not_found'], {
          params: ById,
          response: { 200: AppWithSecret },
        }),
      },
      async (request) => withSecret(await apps.rotateSecret(access.tenantOf(request), request.params.id)),
    )

    scope.delete(
      `${path}/:id`,
      {
        onRequest: access.writer,
        schema: describeRoute('Apps', 'Delete an app, its webhook and its grants', ['app_not_found', 'conflict'], {
          params: ById,
          response: { 204: z.null().describe('It gets nothing any more, retries included.') },
        }),
      },
      async (request, reply) => {
        await apps.delete(access.tenantOf(request), request.params.id)
        return reply.code(204).send(null)
      },
    )
  })
}

function showApp({ id, name, scopes, createdAt, updatedAt }: App): AppResource {
  return { id, name, scopes: [...scopes], createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
}

const withSecret = ({ app, secret }: AppWithNewSecret) => ({ ...showApp(app), signingSecret: secret })
