import { EncryptedSecret, type DomainEvent } from '@jethook/contracts'
import { test } from 'vitest'
import { createApiKey } from './create-api-key.ts'
import { command, given, keyCreated, tenantCreated } from '../../test/given.ts'
import { revokeApiKey } from './revoke-api-key.ts'

const sealed = EncryptedSecret.parse('k1.sealed')
const key = { keyId: 'key_1', name: 'back end', role: 'publisher', hash: 'a hash', hint: 'lum_live_abcdef' } as const

test('a key is created for a tenant', () => {
  given(tenantCreated)
    .when(createApiKey, { ...command, ...key, sealed })
    .happens({ type: 'ApiKeyCreated', ...command, ...key })
})

test('no key is created for a tenant that does not exist', () => {
  given()
    .when(createApiKey, { ...command, ...key, sealed })
    .fails({ code: 'unknown_tenant' })
})

const signsWithKey: DomainEvent = { ...tenantCreated, profile: 'lumin-sign' } as DomainEvent
const primaryCreated: DomainEvent = { ...keyCreated, role: 'owner', primary: sealed } as DomainEvent

test.each([
  ['none before it', [signsWithKey], 'owner', undefined, true],
  ['none before it, and asked not to be', [signsWithKey], 'owner', false, false],
  ['none before it, but nothing to sign with it', [tenantCreated], 'owner', undefined, false],
  ['a role that nothing should be signed for', [signsWithKey], 'publisher', undefined, false],
  ['one before it', [signsWithKey, primaryCreated], 'owner', undefined, false],
  ['one before it, and asked to be', [signsWithKey, primaryCreated], 'admin', true, true],
  [
    'one before it that was revoked',
    [signsWithKey, primaryCreated, { type: 'ApiKeyRevoked', ...command, keyId: 'key_1' }],
    'admin',
    undefined,
    true,
  ],
] as const)('whether a key becomes the primary one: %s', (_name, history, role, primary, expected) => {
  const created = { ...command, ...key, keyId: 'key_2', role }
  given(...history)
    .when(createApiKey, { ...created, primary, sealed })
    .happens({ type: 'ApiKeyCreated', ...created, ...(expected && { primary: sealed }) })
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
