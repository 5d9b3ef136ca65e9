import { test } from 'vitest'
import { createTenant } from './create-tenant.ts'
import { given, tenantCreated } from '../../test/given.ts'

const command = { tenant: 'acme', at: 2_000, by: 'operator', name: 'Acme', profile: 'lumirecrm' }

test('a tenant is created with its profile', () => {
  given()
    .when(createTenant, command)
    .happens({ type: 'TenantCreated', ...command })
})

test('a tenant is created once', () => {
  given(tenantCreated).when(createTenant, command).fails({ code: 'tenant_exists' })
})

test('an unknown profile is refused with the names of the known ones', () => {
  given()
    .when(createTenant, { ...command, profile: 'lumirecrmm' })
    .fails({
      code: 'unknown_profile',
      message: 'There is no profile "lumirecrmm". Known are: standard, svix, lumirecrm, lucra, lumin-sign, lumoauth.',
    })
})
