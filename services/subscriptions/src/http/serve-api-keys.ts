import { evolveApiKey, type ApiKey, type Caller, type Configuration, type SecretBox } from '@jethook/configuration'
import {
  ApiKeyResource,
  CreateApiKey,
  CreatedApiKey,
  pageOf,
  pageQuery,
  ProblemError,
  TenantId,
} from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppendDecision } from '../append/append-decision.ts'
import { createApiKey } from '../decide/create-api-key.ts'
import { revokeApiKey } from '../decide/revoke-api-key.ts'
import { requireProfile, requireTenant, stateOf } from '../decide/tenant-state.ts'
import { drawApiKey } from '../manage/draw-api-key.ts'
import { nameOf, type Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { showApiKey } from './show-resources.ts'
import { takePage } from './take-page.ts'
import { withoutBody } from './without-body.ts'

export interface ApiKeyRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
}

const OfTenant = z.object({ tenant: TenantId })

export function serveApiKeys(app: HttpServer, { access, configuration, append, secretBox }: ApiKeyRoutes): void {
  const findTenant = (id: string) => requireTenant(id, stateOf(configuration, id))

  app.post(
    '/v1/tenants/:tenant/keys',
    {
      onRequest: access.adminOfPath,
      schema: describeRoute(
        'API keys',
        'Create an API key, or bring one along',
        ['unknown_tenant', 'api_key_exists', 'invalid_json', 'invalid_request'],
        { params: OfTenant, body: CreateApiKey, response: { 201: CreatedApiKey } },
      ),
    },
    async (request, reply) => {
      const { tenant } = request.params
      const caller = access.callerOf(request)
      const { name, role, primary, key: broughtAlong } = request.body
      checkMayCreate(caller, request.body)
      const { prefix } = requireProfile(tenant, stateOf(configuration, tenant)).apiKey
      const at = Date.now()
      const { key, ...drawn } = drawApiKey(secretBox, { tenant, prefix, at, broughtAlong })
      if (configuration.apiKeyByHash(drawn.hash))
        throw new ProblemError('api_key_exists', 'This key is in use already, perhaps by another tenant.')
      const command = { tenant, at, by: nameOf(caller), name, role, primary, ...drawn }
      const event = await append(tenant, (state) => createApiKey(command, state))
      void reply.code(201).header('location', `/v1/tenants/${tenant}/keys/${event.keyId}`)
      return { ...showApiKey(evolveApiKey(undefined, event) as ApiKey, event.primary && event.keyId), key }
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
      const primaryKeyId = configuration.primaryKey(id)?.id
      return { data: data.map((key) => showApiKey(key, primaryKeyId)), nextCursor }
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
        const caller = access.callerOf(request)
        const { role } = configuration.apiKeys(tenant).get(keyId) ?? {}
        if (role === 'owner' && !isOwner(caller)) throw onlyOwner('revoke keys with the role owner')
        const command = { tenant, keyId, at: Date.now(), by: nameOf(caller) }
        await append(tenant, (state) => revokeApiKey(command, state))
        return reply.code(204).send(null)
      },
    )
  })
}

const isOwner = (caller: Caller): boolean => caller.kind === 'operator' || caller.role === 'owner'

/** Throws `forbidden`. */
function checkMayCreate(caller: Caller, { role, primary, key }: CreateApiKey): void {
  if (key !== undefined && caller.kind !== 'operator')
    throw new ProblemError('forbidden', 'Only the operator key may bring a key along. Leave it out to get a new one.')
  if (role === 'owner' && !isOwner(caller)) throw onlyOwner('create keys with the role owner')
  if (primary && !isOwner(caller)) throw onlyOwner('change the primary key')
}

const onlyOwner = (what: string): ProblemError =>
  new ProblemError('forbidden', `Only the operator key or a key with the role owner may ${what}.`)
