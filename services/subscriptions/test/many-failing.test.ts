import {
  attemptsSubject,
  configSubject,
  createId,
  MessageHeader,
  StreamName,
  type DomainEvent,
} from '@jethook/contracts'
import { messageHeaders } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { secret, settings } from './given.ts'
import { startSubscriptions, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
})
afterAll(() => fixture?.dispose())

const path = '/v1/webhooks/subscriptions'

test('while many webhooks of a tenant are disabled, its changes do not wait for all of them', async () => {
  const { publisher } = fixture.broker
  const { id: changed } = await tenant.subscribe()
  const ids = Array.from({ length: 350 }, () => createId('sub', Date.now()))
  await Promise.all(ids.map((id) => publisher.publish(...created(id))))
  const before = await lastChange()
  const startedAt = Date.now()
  const disables = { why: 'gone', at: startedAt, startedAt }
  const results = ids.map((subscriptionId) => ({ tenant: tenant.id, subscriptionId, disables }))
  const header = messageHeaders({ [MessageHeader.results]: JSON.stringify(results) })
  await publisher.publish(attemptsSubject('test'), '[]', header)

  await waitFor(async () => (await lastChange()) > before)
  const answer = await tenant.call('PATCH', `${path}/${changed}`, { body: { description: 'in between' } })
  expect(answer).toMatchObject({ status: 200, body: { description: 'in between' } })
  await waitFor(async () => (await lastChange()) === before + ids.length + 1, {
    timeoutMs: 30_000,
    what: 'all to be disabled',
  })
  const changes = (await fixture.storedConfig()).slice(-ids.length - 1)
  expect(changes.filter((text) => text.includes('SubscriptionDisabled'))).toHaveLength(ids.length)
  expect(changes.at(-1)).toContain('SubscriptionDisabled')
})

test('a notice that cannot be told keeps no other webhook of its tenant from being disabled', async () => {
  const signature = { header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }
  const document = {
    name: 'strict',
    eventTypes: [{ name: 'deposit.settled' }],
    signatures: [signature],
    disable: { consecutiveFailures: 6 },
  }
  await fixture.call('POST', '/v1/profiles', { key: fixture.operatorKey, body: document })
  const strict = await fixture.createTenant('strict')
  const [failing, gone] = [await strict.subscribe(), await strict.subscribe()]
  await fixture.broker.manager.streams.update(StreamName.operations, { discard: 'new', max_bytes: 1 })
  const at = Date.now()
  const of = { tenant: strict.id }
  const failures = ['dlv_1', 'dlv_2', 'dlv_3'].map((id) => [id, at])
  const results = [
    { ...of, subscriptionId: failing.id, failures },
    { ...of, subscriptionId: gone.id, disables: { why: 'gone', at } },
  ]
  const header = messageHeaders({ [MessageHeader.results]: JSON.stringify(results) })
  await fixture.broker.publisher.publish(attemptsSubject('test'), '[]', header)
  await waitFor(async () => (await strict.call('GET', `${path}/${gone.id}`)).body['status'] === 'disabled')
})

const lastChange = async (): Promise<number> =>
  (await fixture.broker.manager.streams.info(StreamName.config)).state.last_seq

function created(subscriptionId: string): [string, string] {
  const event: DomainEvent = {
    type: 'SubscriptionCreated',
    tenant: tenant.id,
    at: Date.now(),
    by: 'operator',
    subscriptionId,
    settings,
    secret,
  }
  return [configSubject(tenant.id, 'subscription', subscriptionId), JSON.stringify(event)]
}
