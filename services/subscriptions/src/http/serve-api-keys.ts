import { randomBytes } from 'node:crypto'
import { evolveApiKey, hashApiKey, type ApiKey, type Configuration } from '@jethook/configuration'
import { ApiKeyResource, CreateApiKey, createId, CreatedApiKey, pageOf, pageQuery, TenantId } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppendDecision } from '../append/append-decision.ts'
import { createApiKey } from '../decide/create-api-key.ts'
import { revokeApiKey } from '../decide/revoke-api-key.ts'
import { requireProfile, requireTenant, stateOf } from '../decide/tenant-state.ts'
import { nameOf, type Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { showApiKey } from './show-resources.ts'
import { takePage } from './take-page.ts'
import { withoutBody } from './without-body.ts'

export interface ApiKeyRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly append: AppendDecision
}

const keyBytes = 32
/** How much of a key's random part is kept to recognise it by. */
const hintLength = 6

const OfTenant = z.object({ tenant: TenantId })

export function serveApiKeys(app: HttpServer, { access, configuration, append }: ApiKeyRoutes): void {
  const findTenant = (id: string) => requireTenant(id, stateOf(configuration, id))

  app.post(
    '/v1/tenants/:tenant/keys',
    {
      onRequest: access.adminOfPath,
      schema: describeRoute('API keys', 'Create an API key', ['unknown_tenant', 'invalid_json', 'invalid_request'], {
        params: OfTenant,
        body: CreateApiKey,
        response: { 201: CreatedApiKey },
      }),
    },
    async (request, reply) => {
      const { tenant } = request.params
      const { prefix } = requireProfile(tenant, stateOf(configuration, tenant)).apiKey
      const key = prefix + randomBytes(keyBytes).toString('base64url')
      const at = Date.now()
      const command = {
        ...request.body,
        tenant,
        at,
        by: nameOf(access.callerOf(request)),
        keyId: createId('key', at),
        hash: hashApiKey(key),
        hint: key.slice(0, prefix.length + hintLength),
      }
      const event = await append(tenant, (state) => createApiKey(command, state))
      void reply.code(201).header('location', `/v1/tenants/${tenant}/keys/${event.keyId}`)
      return { ...showApiKey(evolveApiKey(undefined, event) as ApiKey), key }
    },
  )

  app.get(
    '/v1/tenants/:tenant/keys',
    {
      onRequest: access.adminOfPath,
      schema: describeRoute(
        'API keys',
        'List the API keys, revoked ones included',
        ['unknown_tenant', 'invalid_cursor', 'invalid_request'],
        {
          params: OfTenant,
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(ApiKeyResource) },
        },
      ),
    },
    (request) => {
      const { id } = findTenant(request.params.tenant)
      const { data, nextCursor } = takePage(configuration.apiKeys(id).values(), request.query)
      return { data: data.map(showApiKey), nextCursor }
    },
  )

  withoutBody(app, (scope) => {
    scope.delete(
      '/v1/tenants/:tenant/keys/:id',
      {
        onRequest: access.adminOfPath,
        schema: describeRoute(
          'API keys',
          'Revoke an API key, at once',
          ['unknown_tenant', 'api_key_not_found', 'invalid_request'],
          {
            params: OfTenant.extend({ id: z.string() }),
            response: { 204: z.null().describe('It opens nothing any more.') },
          },
        ),
      },
      async (request, reply) => {
        const { tenant, id: keyId } = request.params
        const command = { tenant, keyId, at: Date.now(), by: nameOf(access.callerOf(request)) }
        await append(tenant, (state) => revokeApiKey(command, state))
        return reply.code(204).send(null)
      },
    )
  })
}
