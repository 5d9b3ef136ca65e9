import { sql } from 'slonik'
import { z } from 'zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { openDatabase, type Database } from '../src/database/open-database.ts'
import { deliver } from './deliver.ts'
import { recordingLogger } from './recording-logger.ts'
import { startSubscriptions, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture
let database: Database

beforeAll(async () => {
  fixture = await startSubscriptions()
  tenant = await fixture.createTenant()
  database = await openDatabase({ url: fixture.databaseUrl, logger: recordingLogger() })
})
afterAll(async () => {
  await database?.close()
  await fixture?.dispose()
})

const Count = z.object({ count: z.int() })

test('however many read the log, and however slowly, it goes on', async () => {
  const { id } = await tenant.subscribe()
  const { deliveryId } = await deliver(fixture.broker, tenant.id, id)
  const path = `/v1/webhooks/${id}/deliveries`
  await waitFor(async () => (await tenant.call('GET', path)).body.data?.length === 1)

  const reading = await database.pool.transaction(async (transaction) => {
    // Lists of deliveries look there, and their projection does not.
    await transaction.query(sql.unsafe`LOCK TABLE subscriptions`)
    const answers = Array.from({ length: 30 }, () => tenant.call('GET', path))
    await waitFor(async () => {
      const waiting = sql.type(
        Count,
      )`SELECT count(*) FROM pg_locks WHERE relation = 'subscriptions'::regclass AND NOT granted`
      return (await transaction.oneFirst(waiting)) >= 6
    })
    const later = await deliver(fixture.broker, tenant.id, id)
    await waitFor(
      () =>
        transaction
          .oneFirst(sql.type(Count)`SELECT count(*) FROM deliveries WHERE id = ${later.deliveryId}`)
          .then(Boolean),
      { what: 'the delivery to be in the log' },
    )
    return Promise.all(answers)
  })
  for (const answer of reading) expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
  const isShown = async () => (await tenant.call('GET', `/v1/deliveries/${deliveryId}`)).status === 200
  await waitFor(isShown)
})
