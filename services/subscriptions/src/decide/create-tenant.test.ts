import { sharedOwner } from '@jethook/contracts'
import { test } from 'vitest'
import { createTenant } from './create-tenant.ts'
import { given, profileCreated, tenantCreated } from '../../test/given.ts'
import { updateTenant } from './update-tenant.ts'

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

test('a tenant may have a shared profile', () => {
  given({ ...profileCreated, tenant: sharedOwner })
    .when(createTenant, { ...command, profile: 'mine' })
    .happens({ type: 'TenantCreated', ...command, profile: 'mine' })
})

test('a tenant moves to another profile, its own for example', () => {
  const change = { tenant: 'acme', at: 2_000, by: 'operator', changes: { profile: 'mine' } }
  given(tenantCreated, profileCreated)
    .when(updateTenant, change)
    .happens({ type: 'TenantUpdated', ...change })
})

test('what is the same already is no change', () => {
  given(tenantCreated)
    .when(updateTenant, { tenant: 'acme', at: 2_000, by: 'operator', changes: { name: 'Acme', profile: 'lumirecrm' } })
    .nothingHappens()
})

test.each([
  ['unknown_profile', [tenantCreated], { profile: 'mine' }],
  ['unknown_tenant', [], { name: 'New' }],
] as const)('a change is refused: %s', (code, history, changes) => {
  given(...history)
    .when(updateTenant, { tenant: 'acme', at: 2_000, by: 'operator', changes })
    .fails({ code })
})
