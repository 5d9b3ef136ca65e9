import type { DomainEvent } from '@jethook/contracts'
import { describe, test } from 'vitest'
import { command, given, keyCreated, secret, settings, tenantCreated } from '../../test/given.ts'
import { createApp } from './create-app.ts'
import { deleteApp } from './delete-app.ts'
import { grantApp } from './grant-app.ts'
import { rotateAppSecret } from './rotate-app-secret.ts'
import { rotatePrimaryKey } from './rotate-primary-key.ts'
import { setWebhook } from './set-webhook.ts'

const workspace = { ...tenantCreated, profile: 'lumin-sign' } as DomainEvent
const app = { ...command, appId: 'app_1', name: 'Signer', scopes: ['read', 'write'], secret }
const appCreated: DomainEvent = { type: 'AppCreated', ...app }
const url = 'https://example.com/new'
const webhookOf = (appId: string | null): DomainEvent => ({
  type: 'SubscriptionCreated',
  ...command,
  subscriptionId: appId ?? 'account',
  settings: { ...settings, events: ['*'], appId },
  secret,
})
const set = (appId: string | null) => ({ ...command, appId, url, subscriptionId: 'sub_new', secret })

describe('apps', () => {
  test('are created where something is signed for apps', () => {
    given(workspace)
      .when(createApp, { ...app, scopes: ['read', 'write', 'read'] })
      .happens({ type: 'AppCreated', ...app })
    given(tenantCreated).when(createApp, app).fails({ code: 'other_api' })
  })

  test('get another secret; the one before signs along for a day', () => {
    const rotation = { ...command, appId: 'app_1', secret }
    given(workspace, appCreated)
      .when(rotateAppSecret, rotation)
      .happens({ type: 'AppSecretRotated', ...rotation, previousUntil: command.at + 86_400_000 })
    given(workspace).when(rotateAppSecret, rotation).fails({ code: 'app_not_found' })
  })

  test('are deleted when their webhook is', () => {
    const deletion = { ...command, appId: 'app_1' }
    given(workspace, appCreated)
      .when(deleteApp, deletion)
      .happens({ type: 'AppDeleted', ...deletion })
    given(workspace, appCreated, webhookOf('app_1')).when(deleteApp, deletion).fails({ code: 'conflict' })
  })
})

describe('grants', () => {
  const grant = (scopes: string[]) => ({ ...command, appId: 'app_1', userId: 'user_91', scopes })
  const granted = (scopes: string[]): DomainEvent => ({ type: 'AppGranted', ...grant(scopes) })

  test('replace those before', () => {
    given(workspace, appCreated, granted(['read']))
      .when(grantApp, grant(['write', 'write']))
      .happens({ type: 'AppGranted', ...grant(['write']) })
  })

  test('that change nothing are none', () => {
    given(workspace, appCreated, granted(['read', 'write']))
      .when(grantApp, grant(['write', 'read']))
      .nothingHappens()
    given(workspace, appCreated).when(grantApp, grant([])).nothingHappens()
  })

  test('are within what the app may have', () => {
    given(workspace, appCreated)
      .when(grantApp, grant(['read', 'all']))
      .fails({ code: 'invalid_request', message: 'scopes[1]: "all" is not among the scopes of the app: read, write.' })
    given(workspace)
      .when(grantApp, grant(['read']))
      .fails({ code: 'app_not_found' })
  })

  test('end with the app', () => {
    const gone: DomainEvent = { type: 'AppDeleted', ...command, appId: 'app_1' }
    given(workspace, appCreated, granted(['read']), gone, appCreated)
      .when(grantApp, grant(['read']))
      .happens({ type: 'AppGranted', ...grant(['read']) })
  })
})

describe('the one webhook', () => {
  test.each([null, 'app_1'])('of %s is created, gets every event, and has its URL changed', (owner) => {
    given(workspace, appCreated, webhookOf(owner === null ? 'app_2' : null))
      .when(setWebhook, set(owner))
      .happens({
        type: 'SubscriptionCreated',
        ...command,
        subscriptionId: 'sub_new',
        settings: { ...settings, url, events: ['*'], appId: owner },
        secret,
      })
    given(workspace, appCreated, webhookOf(owner))
      .when(setWebhook, set(owner))
      .happens({
        type: 'SubscriptionUpdated',
        ...command,
        subscriptionId: owner ?? 'account',
        changes: { url },
      })
  })

  test('of an app that does not exist is not set', () => {
    given(workspace).when(setWebhook, set('app_1')).fails({ code: 'app_not_found' })
  })
})

describe('the primary key', () => {
  const fresh = { ...command, keyId: 'key_2', hash: 'another hash', hint: 'lumin_abcdef', sealed: secret }

  test('is replaced by one of the same name and role', () => {
    const primary = { ...keyCreated, role: 'owner', primary: secret } as DomainEvent
    const { sealed, ...key } = fresh
    given(workspace, primary)
      .when(rotatePrimaryKey, fresh)
      .happens({ type: 'ApiKeyCreated', ...key, name: 'back end', role: 'owner', primary: sealed, replaces: 'key_1' })
  })

  test('is there to be replaced', () => {
    given(workspace, keyCreated).when(rotatePrimaryKey, fresh).fails({ code: 'api_key_not_found' })
  })
})
