import { commonSettings, createMetrics, noTracing, openBroker, readSettings, streamSizes } from '@jethook/runtime'
import { streamDefinitions, StreamName } from '@jethook/contracts'
import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  startOwnNats,
  startOwnPostgres,
  waitFor,
  type OwnPostgres,
  type TestServer,
} from '../../../test/infrastructure/index.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { startProjections } from '../src/projection/start-projections.ts'
import { createReadModels } from '../src/read-models/create-read-models.ts'
import { delivered, publishOutcomes, reference } from './projection-messages.ts'
import { recordingLogger } from './recording-logger.ts'

let nats: TestServer
let postgres: OwnPostgres
beforeAll(async () => {
  ;[nats, postgres] = await Promise.all([startOwnNats(), startOwnPostgres()])
})
afterAll(() => Promise.all([nats?.dispose(), postgres?.dispose()]))

test('Postgres may be down at the start and go away later: one line in the log each time, and nothing is missing', async () => {
  await postgres.stop()
  const logger = recordingLogger()
  const settings = readSettings(commonSettings, { NATS_URL: nats.url })
  const streams = streamDefinitions(streamSizes(settings))
  const broker = await openBroker({ url: nats.url, name: 'test', logger, streams })
  const database = await openDatabase({ url: postgres.databaseUrl, logger })
  const readModels = createReadModels(database)
  const metrics = createMetrics()
  const projections = startProjections({
    broker,
    database,
    logger,
    metrics,
    tracing: noTracing,
    retentionMs: 86_400_000,
  })
  const times = (message: string): number => logger.messages.filter((logged) => logged === message).length
  const statusOf = async (number: number): Promise<string | undefined> =>
    (await readModels.getDelivery('acme', reference(number).deliveryId))?.status

  await publishOutcomes(broker, delivered(reference(1)))
  await waitFor(() => times('database.unavailable') === 1)
  await expect(statusOf(1)).rejects.toMatchObject({ code: 'database_unavailable' })

  await postgres.start()
  await waitFor(() => statusOf(1).then((status) => status === 'delivered'))
  expect(times('database.unavailable')).toBe(1)
  expect(times('database.available')).toBe(1)

  // In the middle of work, without a good-bye.
  let number = 1
  const publishing = new AbortController()
  const publishingEnds = (async () => {
    while (!publishing.signal.aborted) await publishOutcomes(broker, delivered(reference(++number)))
  })()
  await waitFor(() => number > 200)
  await postgres.kill()
  const atKill = number
  await waitFor(() => number > atKill + 1_000)
  // Between batches there is a pause, in which an outage is not noticed.
  await waitFor(() => times('database.unavailable') === 2)
  await expect(statusOf(1)).rejects.toMatchObject({ code: 'database_unavailable' })
  await postgres.start()
  publishing.abort()
  await publishingEnds
  await waitFor(() => statusOf(number).then((status) => status === 'delivered'), { timeoutMs: 20_000 })
  expect(await database.pool.oneFirst(sql.unsafe`SELECT count(*) FROM attempts`)).toBe(number)
  expect(times('database.unavailable')).toBe(2)
  expect(times('projection.failing')).toBe(0)
  const { state } = await broker.manager.streams.info(StreamName.attempts)
  expect(state.last_seq).toBe(number)

  await projections.stop()
  await database.close()
  await broker.close()
})
