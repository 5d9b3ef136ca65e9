import { test } from 'vitest'
import { createApiKey } from './create-api-key.ts'
import { command, given, keyCreated, tenantCreated } from '../../test/given.ts'
import { revokeApiKey } from './revoke-api-key.ts'

const key = { keyId: 'key_1', name: 'back end', role: 'publisher', hash: 'a hash', hint: 'lum_live_abcdef' } as const

test('a key is created for a tenant', () => {
  given(tenantCreated)
    .when(createApiKey, { ...command, ...key })
    .happens({ type: 'ApiKeyCreated', ...command, ...key })
})

test('no key is created for a tenant that does not exist', () => {
  given()
    .when(createApiKey, { ...command, ...key })
    .fails({ code: 'unknown_tenant' })
})

test('a key is revoked', () => {
  given(tenantCreated, keyCreated)
    .when(revokeApiKey, { ...command, keyId: 'key_1' })
    .happens({ type: 'ApiKeyRevoked', ...command, keyId: 'key_1' })
})

test('revoking a revoked key changes nothing', () => {
  given(tenantCreated, keyCreated, { type: 'ApiKeyRevoked', ...command, keyId: 'key_1' })
    .when(revokeApiKey, { ...command, keyId: 'key_1' })
    .nothingHappens()
})

test('a key that does not exist cannot be revoked', () => {
  given(tenantCreated, keyCreated)
    .when(revokeApiKey, { ...command, keyId: 'key_2' })
    .fails({ code: 'api_key_not_found' })
})
