import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwnPostgres, waitFor, type OwnPostgres } from '../../../test/infrastructure/index.ts'
import { deliver } from './deliver.ts'
import { startSubscriptions, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let postgres: OwnPostgres
let fixture: Fixture
let tenant: TenantFixture

beforeAll(async () => {
  postgres = await startOwnPostgres()
  await postgres.stop()
  fixture = await startSubscriptions(postgres.databaseUrl)
  tenant = await fixture.createTenant()
})
afterAll(async () => {
  await fixture?.dispose()
  await postgres?.dispose()
})

const subscriptions = '/v1/webhooks/subscriptions'

async function expectLogsUnavailable(subscriptionId: string): Promise<void> {
  for (const [method, path] of [
    ['GET', `/v1/webhooks/${subscriptionId}/deliveries`],
    ['GET', '/v1/deliveries/dlv_1'],
    ['POST', '/v1/deliveries/dlv_1/replay'],
    ['GET', '/v1/events/evt_1'],
    ['GET', '/v1/events/rejected'],
  ] as const)
    expect(await tenant.call(method, path)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
}

test('the service starts and does everything but show logs, heals when Postgres comes, and survives its loss', async () => {
  const { id } = await tenant.subscribe()
  expect((await tenant.call('GET', `${subscriptions}/${id}`)).status).toBe(200)
  expect((await tenant.call('PATCH', `${subscriptions}/${id}`, { body: { timeoutMs: 2_000 } })).status).toBe(200)
  expect((await tenant.call('POST', `${subscriptions}/${id}/test`)).status).toBe(202)
  expect((await fixture.call('GET', '/readyz')).status).toBe(200)
  expect((await fixture.call('GET', '/metrics')).text).toContain('jethook_database_up 0')
  await expectLogsUnavailable(id)
  const { deliveryId } = await deliver(fixture.broker, tenant.id, id)

  await postgres.start()
  const isShown = async () => (await tenant.call('GET', `/v1/deliveries/${deliveryId}`)).status === 200
  await waitFor(isShown, { timeoutMs: 30_000, what: 'the delivery to be shown' })
  expect((await fixture.call('GET', '/metrics')).text).toContain('jethook_database_up 1')

  await postgres.stop()
  await expectLogsUnavailable(id)
  expect((await tenant.call('DELETE', `${subscriptions}/${id}`)).status).toBe(204)
  await postgres.start()
  await waitFor(isShown, { timeoutMs: 30_000, what: 'the delivery to be shown again' })
})
