import { setTimeout as delay } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { changesCountAfterMs, createSecretBox, secretOwner } from '@jethook/configuration'
import { configSubject, StreamName, type DomainEvent, type EncryptedSecret } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'slonik'
import { z } from 'zod'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { recordingLogger } from './recording-logger.ts'
import { startSubscriptions, type Fixture, type TenantFixture } from './start-subscriptions.ts'

const secret = 'Bearer THE-CUSTOMERS-SECRET'
const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`
let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions(undefined, { ENCRYPTION_KEYS: encryptionKeys })
  tenant = await fixture.createTenant()
})
afterAll(() => fixture?.dispose())

const path = '/v1/webhooks/subscriptions'
const subscribe = async (customHeaders: Record<string, string>): Promise<string> => {
  const { status, body, text } = await tenant.call('POST', path, {
    body: { url: 'https://example.com/hooks', events: ['deposit.settled'], customHeaders },
  })
  expect(status, text).toBe(201)
  expect(text).not.toContain('SECRET')
  return String(body['id'])
}

const lastEvent = async (id: string): Promise<Record<string, unknown>> => {
  const subject = configSubject(tenant.id, 'subscription', id)
  const message = await fixture.broker.manager.streams.getMessage(StreamName.config, { last_by_subj: subject })
  expect(message?.string()).not.toContain('SECRET')
  return message?.json() ?? {}
}

test('values of custom headers are stored encrypted, and shown to nobody', async () => {
  const id = await subscribe({ 'X-Api-Token': secret })
  const { settings } = (await lastEvent(id)) as { settings: { sealedHeaders: Record<string, EncryptedSecret> } }
  expect(Object.keys(settings.sealedHeaders)).toEqual(['X-Api-Token'])
  const box = createSecretBox(encryptionKeys)
  const sealed = settings.sealedHeaders['X-Api-Token'] ?? ('' as EncryptedSecret)
  expect(box.decrypt(sealed, secretOwner.subscription(tenant.id, id))).toBe(secret)

  for (const read of [`${path}/${id}`, path]) {
    const { text } = await tenant.call('GET', read)
    expect(text).toContain('"X-Api-Token":"•••"')
    expect(text).not.toContain('SECRET')
  }
})

test('what was read can be written back: a masked value keeps what is there', async () => {
  const id = await subscribe({ 'X-Kept': secret, 'X-Gone': 'value' })
  const before = (await lastEvent(id)) as { settings: { sealedHeaders: Record<string, string> } }
  const answer = await tenant.call('PATCH', `${path}/${id}`, {
    body: { customHeaders: { 'x-kept': '•••', 'X-New': 'another value' } },
  })
  expect(answer).toMatchObject({ status: 200, body: { customHeaders: { 'x-kept': '•••', 'X-New': '•••' } } })
  const { changes } = (await lastEvent(id)) as { changes: { sealedHeaders: Record<string, string> } }
  expect(changes.sealedHeaders['x-kept']).toBe(before.settings.sealedHeaders['X-Kept'])

  expect(await tenant.call('PATCH', `${path}/${id}`, { body: { customHeaders: { 'X-Other': '•••' } } })).toMatchObject({
    status: 422,
    body: { code: 'invalid_header', errors: [{ field: 'customHeaders.X-Other' }] },
  })
})

test('a masked value keeps what another change has just written, and not what was there when it was asked for', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `X-Token-${index}`)
  const id = await subscribe(Object.fromEntries(names.map((name) => [name, secret])))
  const masked = Object.fromEntries(names.map((name) => [name, '•••']))
  const answers = await Promise.all(
    names.map((name) =>
      tenant.call('PATCH', `${path}/${id}`, { body: { customHeaders: { ...masked, [name]: `Bearer ${name}` } } }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200))
  const { changes } = (await lastEvent(id)) as { changes: { sealedHeaders: Record<string, EncryptedSecret> } }
  const box = createSecretBox(encryptionKeys)
  for (const name of names) {
    const sealed = changes.sealedHeaders[name] ?? ('' as EncryptedSecret)
    expect(box.decrypt(sealed, secretOwner.subscription(tenant.id, id))).toBe(`Bearer ${name}`)
  }
})

test('what was stored in the clear is read, shown masked, and sealed when it is changed', async () => {
  const id = await subscribe({})
  const envelope = { tenant: tenant.id, at: Date.now(), by: 'operator', subscriptionId: id }
  const plain: DomainEvent = {
    type: 'SubscriptionUpdated',
    ...envelope,
    changes: { customHeaders: { 'X-Old': secret } },
  }
  await fixture.broker.publisher.publish(configSubject(tenant.id, 'subscription', id), JSON.stringify(plain))
  // As the admin API does before it answers.
  await delay(changesCountAfterMs)
  const { body, text } = await tenant.call('GET', `${path}/${id}`)
  expect(body['customHeaders']).toEqual({ 'X-Old': '•••' })
  expect(text).not.toContain('SECRET')

  await tenant.call('PATCH', `${path}/${id}`, { body: { customHeaders: { 'X-Old': '•••' } } })
  expect(await lastEvent(id)).toMatchObject({
    changes: { customHeaders: {}, sealedHeaders: { 'X-Old': expect.any(String) as string } },
  })
})

test('the audit log has their names', async () => {
  const id = await subscribe({ 'X-Audited': secret })
  const database = await openDatabase({ url: fixture.databaseUrl, logger: recordingLogger() })
  const rows = () =>
    database.pool.anyFirst(sql.type(z.object({ details: z.string() }))`
      SELECT details::text AS details FROM config_changes WHERE tenant = ${tenant.id}`)
  await waitFor(async () => (await rows()).some((details) => details.includes('X-Audited')), { what: id })
  expect((await rows()).join()).not.toContain('SECRET')
  await database.close()
})
