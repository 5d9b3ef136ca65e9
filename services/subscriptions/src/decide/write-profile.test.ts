import { Profile, sharedOwner } from '@jethook/contracts'
import { test } from 'vitest'
import { command, given, profile, profileCreated, tenantCreated } from '../../test/given.ts'
import { createProfile, updateProfile } from './write-profile.ts'

const write = { ...command, name: 'mine', document: profile }
const changed = { ...profile, description: 'changed' }

test('a tenant writes a profile of its own', () => {
  given(tenantCreated)
    .when(createProfile, write)
    .happens({ type: 'ProfileCreated', ...write })
})

test('the operator writes one for every tenant', () => {
  given()
    .when(createProfile, { ...write, tenant: sharedOwner })
    .happens({ type: 'ProfileCreated', ...write, tenant: sharedOwner })
})

test('a name is taken once, and those of shipped profiles never', () => {
  given(tenantCreated, profileCreated).when(createProfile, write).fails({ code: 'profile_exists' })
  given(tenantCreated)
    .when(createProfile, { ...write, name: 'standard', document: { ...profile, name: 'standard' } })
    .fails({ code: 'profile_exists', message: 'standard comes with Jethook and stays as it is. Choose another name.' })
})

test('the name of a shared profile is taken, too', () => {
  given(tenantCreated, { ...profileCreated, tenant: sharedOwner })
    .when(createProfile, write)
    .fails({ code: 'profile_exists', message: 'There is a shared profile mine. Choose another name.' })
})

test('a document is replaced', () => {
  given(tenantCreated, profileCreated)
    .when(updateProfile, { ...write, document: changed })
    .happens({ type: 'ProfileUpdated', ...write, document: changed })
})

test('the same document again changes nothing', () => {
  given(tenantCreated, profileCreated)
    .when(updateProfile, { ...write, document: structuredClone(profile) })
    .nothingHappens()
})

test.each([
  ['profile_not_found', 'nobodys', 'There is no profile nobodys.'],
  ['forbidden', 'standard', 'The profile standard comes with Jethook. Create your own with another name.'],
  ['forbidden', 'ours', 'The profile ours belongs to the operator. Create your own with another name.'],
] as const)('what is not its own a tenant cannot change: %s', (code, name, message) => {
  given(tenantCreated, { ...profileCreated, tenant: sharedOwner, name: 'ours', document: { ...profile, name: 'ours' } })
    .when(updateProfile, { ...write, name, document: { ...profile, name } })
    .fails({ code, message })
})

test('the path of each wrong field is named', () => {
  const eventTypes = [{ name: 'order.paid', description: '', schema: { type: 'objekt' } }]
  const document = Profile.parse({ ...profile, body: { envelope: '{"id":{event.id}}' }, eventTypes })
  given(tenantCreated)
    .when(createProfile, { ...write, name: 'other', document })
    .fails({
      code: 'invalid_request',
      errors: [
        {
          field: 'body.envelope',
          message: 'does not become JSON: Unexpected token \'e\', "{"id":evt_019a5f"... is not valid JSON',
        },
        {
          field: 'eventTypes[0].schema.type',
          message:
            'must be equal to one of the allowed values: ["array","boolean","integer","null","number","object","string"]',
        },
        { field: 'name', message: 'must be other, the name in the path' },
      ],
    })
})
