import { intakeConsumer, StreamName, type AcceptedEvent, type Problem } from '@jethook/contracts'
import { followConfiguration } from '@jethook/configuration'
import { createLogger, noTracing } from '@jethook/runtime'
import { afterEach, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { createIngest, readConfig } from '../src/index.ts'
import { handleMessage } from '../src/intake/handle-message.ts'
import { startIngest, type Fixture } from './start-ingest.ts'

let ingest: Fixture

afterEach(() => ingest.dispose())

test('what was published while ingest was down is accepted when it is back', async () => {
  ingest = await startIngest()
  const tenant = await ingest.createTenant()
  await ingest.stop()
  for (let n = 0; n < 20; n++) await ingest.publish(tenant, 'deposit.settled', `{"n":${n}}`)
  await ingest.start()
  expect(await ingest.waitForStored('events', tenant, 20)).toHaveLength(20)
})

test('a crash between storing and acknowledging leaves one event', async () => {
  ingest = await startIngest()
  const { broker } = ingest
  const tenant = await ingest.createTenant()
  await ingest.stop()
  await ingest.publish(tenant, 'deposit.settled', '{"id":"derived"}')
  await ingest.publish(tenant, 'deposit.settled', '{"id":"own"}', { 'Nats-Msg-Id': 'order-1' })
  await ingest.publish(tenant, 'deposit.lost', '{"rejected":true}')

  // What ingest does with them, up to the acknowledgement.
  const follower = await followConfiguration(broker, createLogger('test', 'silent'))
  const context = { broker, follower, tracing: noTracing, maxPayloadBytes: 1_000, now: Date.now }
  const consumer = await broker.jetstream.consumers.get(StreamName.intake, intakeConsumer.name)
  for await (const message of await consumer.fetch({ max_messages: 3 })) {
    expect(await handleMessage(context, message)).toMatchObject(
      message.subject.endsWith('lost') ? { type: 'rejected' } : { type: 'accepted', duplicate: false },
    )
    message.nak()
  }
  await follower.stop()

  await ingest.start()
  await ingest.waitForIntake()
  expect(await ingest.stored('events', tenant)).toHaveLength(2)
  expect(await ingest.stored('rejected', tenant)).toHaveLength(1)
  expect(await ingest.metric('jethook_events_duplicate_total{source="nats"}')).toBe(2)
})

test('a stop finishes what is in hand, and leaves the rest to others at once', async () => {
  ingest = await startIngest()
  const tenant = await ingest.createTenant()
  const published = Array.from({ length: 5_000 }, (_, n) => ingest.publish(tenant, 'deposit.settled', `{"n":${n}}`))
  const { manager } = ingest.broker
  await waitFor(async () => (await manager.streams.info(StreamName.events)).state.messages > 0)
  await ingest.stop()
  await Promise.all(published)
  // Settled or never taken: nothing waits until the acknowledgement is overdue.
  await waitFor(
    async () => (await manager.consumers.info(StreamName.intake, intakeConsumer.name)).num_ack_pending === 0,
  )

  await ingest.start()
  await ingest.waitForIntake()
  expect((await manager.streams.info(StreamName.events)).state.messages).toBe(5_000)
})

test('a full stream refuses over HTTP and holds back what came by NATS, until there is room', async () => {
  ingest = await startIngest({ EVENTS_MAX_BYTES: '50000' })
  const tenant = await ingest.createTenant()
  const key = await ingest.createKey(tenant)
  const filler = `{"type":"deposit.settled","payload":"${'x'.repeat(10_000)}"}`
  const answers: Response[] = []
  do answers.push(await ingest.post('/v1/events', key, filler))
  while (answers.at(-1)?.status === 202)
  const problem = (await answers.at(-1)?.json()) as Problem
  expect([problem.status, problem.code]).toEqual([503, 'stream_full'])

  const batch = await ingest.post('/v1/events/batch', key, `{"events":[${filler}]}`)
  expect(await batch.json()).toMatchObject({ results: [{ status: 'rejected', problem: { code: 'stream_full' } }] })

  const payload = `"${'y'.repeat(10_000)}"`
  await ingest.publish(tenant, 'deposit.settled', payload)
  await waitFor(
    async () => (await ingest.metric('jethook_events_postponed_total{source="nats",reason="stream_full"}')) > 0,
  )
  await ingest.broker.manager.streams.purge(StreamName.events)
  await ingest.waitForIntake()
  expect(await ingest.stored('events', tenant)).toMatchObject([{ payload }])
})

test('without NATS it says so quickly, and goes on by itself when NATS is back', async () => {
  ingest = await startIngest()
  const tenant = await ingest.createTenant()
  const key = await ingest.createKey(tenant)
  const body = '{"type":"deposit.settled","payload":1}'
  const ready = (): Promise<Response> => fetch(`http://127.0.0.1:${ingest.ingest().port}/readyz`)
  expect((await ingest.post('/v1/events', key, body)).status).toBe(202)
  await ingest.publish(tenant, 'deposit.settled', '"before"')
  await ingest.waitForIntake()

  await ingest.nats.stop()
  const startedAt = Date.now()
  const refused = await ingest.post('/v1/events', key, body)
  expect(Date.now() - startedAt).toBeLessThan(5_000)
  expect([refused.status, ((await refused.json()) as Problem).code]).toEqual([503, 'broker_unavailable'])
  expect((await ready()).status).toBe(503)

  await ingest.nats.start()
  await waitFor(async () => (await ready()).ok, { timeoutMs: 20_000 })
  await waitFor(() => ingest.publish(tenant, 'deposit.settled', '"after"', { 'Nats-Msg-Id': 'after' }).then(() => true))
  const again = await waitFor(async () => {
    const response = await ingest.post('/v1/events', key, '{"type":"deposit.settled","id":"http","payload":1}')
    return response.status === 202 && ((await response.json()) as AcceptedEvent)
  })
  expect(again.id).toBe('http')
  await ingest.waitForIntake()
  const ids = (await ingest.stored('events', tenant)).map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining(['after', 'http']))
})

test('it stops also while NATS is away', async () => {
  ingest = await startIngest()
  await ingest.nats.kill()
  await waitFor(async () => !(await fetch(`http://127.0.0.1:${ingest.ingest().port}/readyz`)).ok)
  await ingest.stop()
  await ingest.nats.start()
})

test('a payload limit that NATS cannot carry stops the start with a sentence', async () => {
  ingest = await startIngest()
  const config = readConfig({ NATS_URL: ingest.nats.url, PORT: '0', EVENT_MAX_BYTES: '1048576' })
  await expect(createIngest(config, { logger: createLogger('test', 'silent'), tracing: noTracing })).rejects.toThrow(
    /EVENT_MAX_BYTES=1048576 does not fit .* lower it to 1040384, or raise max_payload/,
  )
})

test.each(['0.7', '1.1', '2.3'])('%s days may be how long things are kept', async (days) => {
  ingest = await startIngest({ RETENTION_DAYS: days })
  const { config } = await ingest.broker.manager.streams.info(StreamName.events)
  expect(config.max_age / 86_400e9).toBeCloseTo(Number(days), 9)
})
