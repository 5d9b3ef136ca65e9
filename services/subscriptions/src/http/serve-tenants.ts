import { evolveTenant, type Configuration, type Tenant } from '@jethook/configuration'
import { CreateTenant, pageOf, pageQuery, TenantId, TenantResource, UpdateTenant } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppendDecision } from '../append/append-decision.ts'
import { createTenant } from '../decide/create-tenant.ts'
import { requireTenant, stateOf } from '../decide/tenant-state.ts'
import { updateTenant } from '../decide/update-tenant.ts'
import { nameOf, type Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { given } from './read-settings.ts'
import { showTenant } from './show-resources.ts'
import { takePage } from './take-page.ts'

export interface TenantRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly append: AppendDecision
}

export function serveTenants(app: HttpServer, { access, configuration, append }: TenantRoutes): void {
  app.post(
    '/v1/tenants',
    {
      onRequest: access.operator,
      schema: describeRoute('Tenants', 'Create a tenant', ['tenant_exists', 'unknown_profile', 'invalid_request'], {
        body: CreateTenant,
        response: { 201: TenantResource },
      }),
    },
    async (request, reply) => {
      const { id: tenant, ...settings } = request.body
      const command = { tenant, ...settings, at: Date.now(), by: nameOf(access.callerOf(request)) }
      const event = await append(tenant, (state) => createTenant(command, state))
      void reply.code(201).header('location', `/v1/tenants/${tenant}`)
      return showTenant(evolveTenant(undefined, event) as Tenant)
    },
  )

  app.get(
    '/v1/tenants',
    {
      onRequest: access.operator,
      schema: describeRoute('Tenants', 'List the tenants', ['invalid_cursor', 'invalid_request'], {
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(TenantResource) },
      }),
    },
    (request) => {
      const { data, nextCursor } = takePage(configuration.tenants(), request.query)
      return { data: data.map(showTenant), nextCursor }
    },
  )

  app.get(
    '/v1/tenants/:tenant',
    {
      onRequest: access.operator,
      schema: describeRoute('Tenants', 'Get a tenant', ['unknown_tenant', 'invalid_request'], {
        params: z.object({ tenant: TenantId }),
        response: { 200: TenantResource },
      }),
    },
    (request) => {
      const id = request.params.tenant
      return showTenant(requireTenant(id, stateOf(configuration, id)))
    },
  )

  app.patch(
    '/v1/tenants/:tenant',
    {
      onRequest: access.operator,
      schema: describeRoute(
        'Tenants',
        'Change a tenant; what is left out stays as it is',
        ['unknown_tenant', 'unknown_profile', 'invalid_json', 'invalid_request'],
        { params: z.object({ tenant: TenantId }), body: UpdateTenant, response: { 200: TenantResource } },
      ),
    },
    async (request) => {
      const { tenant } = request.params
      const by = nameOf(access.callerOf(request))
      const changes = given(request.body)
      await append(tenant, (state) => updateTenant({ tenant, by, at: Date.now(), changes }, state))
      return showTenant(requireTenant(tenant, stateOf(configuration, tenant)))
    },
  )
}
