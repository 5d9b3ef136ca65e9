import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { MessageHeader, StreamName } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startIngest, type Fixture } from './start-ingest.ts'

let ingest: Fixture

beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(() => ingest.dispose())

test.each([
  ['odd spacing', ' { "amount" :\t10.00 ,\r\n\n"x":[ ] } '],
  ['large numbers', '{"id":12345678901234567890,"e":1E400,"z":-0.0}'],
  ['unicode, written plainly and with escapes', String.raw`{"é":"😀 \ud83d\ude00 \u00e9 \/"}`],
  ['a bare string', '"settled"'],
  ['256 KiB', JSON.stringify('x'.repeat(262_142))],
])('a payload reaches EVENTS byte for byte: %s', async (_what, payload) => {
  const tenant = await ingest.createTenant()
  await ingest.publish(tenant, 'deposit.settled', payload)
  const [event] = await ingest.waitForStored('events', tenant)
  expect(event?.type).toBe('deposit.settled')
  expect(sha256(event!.bytes)).toBe(sha256(Buffer.from(payload)))
})

test('an event without an id gets one that tells when it was published', async () => {
  const tenant = await ingest.createTenant()
  const before = Date.now()
  await ingest.publish(tenant, 'trader.created', '{}')
  const [event] = await ingest.waitForStored('events', tenant)
  expect(event?.id).toMatch(/^evt_[0-9a-f]{32}$/)
  const publishedAt = Number.parseInt(event!.id.slice(4, 16), 16)
  expect(publishedAt).toBeGreaterThanOrEqual(before - 1)
  expect(Number(event?.header(MessageHeader.acceptedAt))).toBeGreaterThanOrEqual(publishedAt)
})

test('id, trace context, user and the choice of a single subscription travel along', async () => {
  const tenant = await ingest.createTenant()
  await ingest.publish(tenant, 'deposit.settled', '{}', {
    'Nats-Msg-Id': 'order-1',
    Traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'vendor=1',
    'Jethook-Subscription': 'sub_1',
    'jethook-user': 'user_91',
    'X-Other': 'stays behind',
  })
  const [event] = await ingest.waitForStored('events', tenant)
  expect(event?.id).toBe('order-1')
  expect(event?.header('Nats-Msg-Id')).toBe(`${tenant}/order-1`)
  expect(event?.header('traceparent')).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
  expect(event?.header('tracestate')).toBe('vendor=1')
  expect(event?.header('Jethook-Subscription')).toBe('sub_1')
  expect(event?.header('Jethook-User')).toBe('user_91')
  expect(event?.header('X-Other')).toBe('')
})

test('a plain publish without an acknowledgement works too', async () => {
  const tenant = await ingest.createTenant()
  ingest.broker.connection.publish(`intake.${tenant}.deposit.settled`, '{"a":1}')
  expect(await ingest.waitForStored('events', tenant)).toMatchObject([{ payload: '{"a":1}' }])
})

test('the same id again is the same event', async () => {
  const tenant = await ingest.createTenant()
  const headers = { 'Nats-Msg-Id': 'order-1' }
  await ingest.publish(tenant, 'deposit.settled', '{"n":1}', headers)
  await ingest.publish(tenant, 'deposit.failed', '{"n":2}', headers)
  await ingest.waitForIntake()
  expect(await ingest.stored('events', tenant)).toMatchObject([{ type: 'deposit.settled', payload: '{"n":1}' }])
  expect(await ingest.metric('jethook_events_duplicate_total{source="nats"}')).toBeGreaterThan(0)
})

test('two tenants may use the same id at the same moment', async () => {
  const [first, second] = await Promise.all([ingest.createTenant(), ingest.createTenant()])
  const headers = { 'Nats-Msg-Id': 'order-1' }
  await Promise.all([
    ingest.publish(first, 'deposit.settled', '{"of":"first"}', headers),
    ingest.publish(second, 'deposit.settled', '{"of":"second"}', headers),
  ])
  expect(await ingest.waitForStored('events', first)).toMatchObject([{ id: 'order-1', payload: '{"of":"first"}' }])
  expect(await ingest.waitForStored('events', second)).toMatchObject([{ id: 'order-1', payload: '{"of":"second"}' }])
})

test.each([
  ['unknown_event_type', 'deposit.lost', '{}', /"deposit\.lost" is not in the catalogue/],
  ['invalid_event_type', 'deposit.*', '{}', /must be letters/],
  ['invalid_json', 'deposit.settled', '{"amount":', /not JSON/],
  ['invalid_json', 'deposit.settled', '', /not JSON/],
  ['invalid_json', 'deposit.settled', Buffer.from([0x22, 0xff, 0x22]), /not UTF-8/],
  ['payload_too_large', 'deposit.settled', JSON.stringify('x'.repeat(262_143)), /262145 bytes; at most 262144/],
])('%s goes to REJECTED with the reason and the payload', async (code, eventType, payload, reason) => {
  const tenant = await ingest.createTenant()
  const counted = await ingest.metric(`jethook_events_rejected_total{code="${code}"}`)
  await ingest.publish(tenant, eventType, payload, {
    'Nats-Msg-Id': 'order-1',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  })
  const [rejected] = await ingest.waitForStored('rejected', tenant)
  expect(rejected?.header('Jethook-Rejected-Code')).toBe(code)
  expect(rejected?.header('Jethook-Rejected-Reason')).toMatch(reason)
  expect(rejected?.id).toBe('order-1')
  expect(rejected?.header('traceparent')).toBe('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')
  expect(sha256(rejected!.bytes)).toBe(sha256(Buffer.from(payload)))
  await ingest.waitForIntake()
  expect(await ingest.stored('events', tenant)).toEqual([])
  expect(await ingest.metric(`jethook_events_rejected_total{code="${code}"}`)).toBe(counted + 1)
})

test('an id that is not well formed goes to REJECTED', async () => {
  const tenant = await ingest.createTenant()
  await ingest.publish(tenant, 'deposit.settled', '{}', { 'Nats-Msg-Id': 'order 1' })
  const [rejected] = await ingest.waitForStored('rejected', tenant)
  expect([rejected?.header('Jethook-Rejected-Code'), rejected?.id]).toEqual(['invalid_event_id', 'order 1'])
})

test('an unknown tenant goes to REJECTED under its name', async () => {
  await ingest.publish('no-such-tenant', 'deposit.settled', '{}')
  const [rejected] = await ingest.waitForStored('rejected', 'no-such-tenant')
  expect(rejected?.header('Jethook-Rejected-Code')).toBe('unknown_tenant')
})

test('the largest message that NATS takes goes to REJECTED, cut, with its size', async () => {
  const tenant = await ingest.createTenant()
  await ingest.publish(tenant, 'deposit.settled', Buffer.alloc(1_048_576, 'x'))
  const [rejected] = await ingest.waitForStored('rejected', tenant)
  expect(rejected?.header('Jethook-Rejected-Code')).toBe('payload_too_large')
  expect(rejected?.header('Jethook-Original-Size')).toBe('1048576')
  expect(rejected?.bytes.length).toBeGreaterThan(1_000_000)
})

test('subjects and headers that no sensible producer would use hold nothing up', async () => {
  const tenant = await ingest.createTenant()
  const subjects = [
    `intake.${tenant}`,
    `intake.${tenant}.>`,
    'intake.no-tenant-has-this-name_.none',
    'intake.*',
    'intake.ü.ö',
    `intake.${'x'.repeat(3_900)}`,
  ]
  for (const subject of subjects) await ingest.broker.publisher.publish(subject, '{}')
  await ingest.publish(tenant, 'deposit.settled', '{}', {
    tracestate: 'x'.repeat(60_000),
    traceparent: 'y'.repeat(500),
  })
  await ingest.waitForIntake()
  expect(await ingest.stored('rejected', tenant)).toMatchObject([{ type: '~' }, { type: '~' }])
  expect(await ingest.stored('events', tenant)).toMatchObject([{ payload: '{}' }])
})

test('headers that cannot be read send an event to REJECTED', async () => {
  const tenant = await ingest.createTenant()
  // The client does not let such a header out.
  const headers = 'NATS/1.0\r\nNats-Msg-Id: a\rb\r\n\r\n'
  const { hostname, port } = new URL(ingest.nats.url)
  const socket = connect(Number(port), hostname)
  socket.write('CONNECT {"headers":true,"verbose":false}\r\n')
  socket.end(
    `HPUB intake.${tenant}.deposit.settled ${headers.length} ${headers.length + 2}\r\n${headers}{}\r\nPING\r\n`,
  )
  const [rejected] = await ingest.waitForStored('rejected', tenant)
  expect(rejected?.header('Jethook-Rejected-Code')).toBe('invalid_request')
})

test('a rejected message that comes again is listed once', async () => {
  const tenant = await ingest.createTenant()
  await ingest.publish(tenant, 'deposit.lost', '{}')
  const [rejected] = await ingest.waitForStored('rejected', tenant)
  const again = await ingest.broker.jetstream.publish(`rejected.${tenant}.deposit.lost`, '{}', {
    msgID: rejected!.header('Nats-Msg-Id'),
  })
  expect(again.duplicate).toBe(true)
})

test('a tenant made a moment ago may publish at once, every time', async () => {
  const tenants: string[] = []
  for (let round = 0; round < 50; round++) {
    const tenant = await ingest.createTenant()
    await ingest.publish(tenant, 'deposit.settled', '{}')
    tenants.push(tenant)
  }
  await ingest.waitForIntake()
  const { state } = await ingest.broker.manager.streams.info(StreamName.events, { subjects_filter: 'events.>' })
  for (const tenant of tenants) expect(state.subjects).toHaveProperty([`events.${tenant}.deposit.settled`], 1)
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
