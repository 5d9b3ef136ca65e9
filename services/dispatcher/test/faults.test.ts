import { createServer, type AddressInfo } from 'node:net'
import {
  calendarSubject,
  configSubject,
  dueConsumer,
  dueSubject,
  eventsConsumer,
  eventSubject,
  MessageHeader,
  StreamName,
  type CalendarEntry,
} from '@jethook/contracts'
import { messageHeaders } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, waitFor, type Receiver, type Respond } from '../../../test/infrastructure/index.ts'
import { startFixture, tenant, type Fixture } from './fixture.ts'

let fixture: Fixture
const receivers: Receiver[] = []

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.startDispatcher()
})
afterAll(async () => {
  await fixture.stop()
  await Promise.all(receivers.map((receiver) => receiver.close()))
})

async function startEndpoint(respond?: Respond): Promise<Receiver> {
  const receiver = await startReceiver(respond)
  receivers.push(receiver)
  return receiver
}

test('receivers that answer what takes three bytes a character stop nobody', async () => {
  const endpoint = await startEndpoint(() => ({ body: Buffer.alloc(16_384, 0xff) }))
  const ids = await Promise.all(
    Array.from({ length: 100 }, () => fixture.subscribe({ url: endpoint.url, events: ['faults.binary'] })),
  )
  await fixture.accept('faults.binary', '{}')
  for (const id of ids) expect((await fixture.outcomesOf(id, 1))[0]?.outcome.type).toBe('delivered')
})

test('a receiver that closes connections just when they are used again costs no attempt', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      socket.once('data', () => socket.resetAndDestroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const id = await fixture.subscribe({
    url: `http://127.0.0.1:${port}/`,
    events: ['faults.stale'],
    retryScheduleMs: [],
  })
  for (let n = 1; n <= 4; n++) {
    await fixture.accept('faults.stale', '{}')
    await fixture.outcomesOf(id, n)
  }
  const outcomes = await fixture.outcomesOf(id, 4)
  expect(outcomes.map(({ outcome }) => outcome.type)).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
  expect(connections).toBe(4)
  server.close()
})

test('a receiver that resets whatever it gets has an attempt twice at most, however many connections are kept', async () => {
  let requests = 0
  const waiting: (() => void)[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => {
      requests++
      waiting.push(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
      if (requests > 3) socket.resetAndDestroy()
      else if (waiting.length === 3) for (const answer of waiting.splice(0)) answer()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const subscribe = (events: string[]): Promise<string> =>
    fixture.subscribe({ url: `http://127.0.0.1:${port}/`, events, retryScheduleMs: [] })
  const all = ['faults.kept', 'faults.reset']
  const ids = [await subscribe(all), await subscribe(['faults.kept']), await subscribe(['faults.kept'])] as const
  await fixture.accept('faults.kept', '{}')
  for (const id of ids) await fixture.outcomesOf(id, 1)
  await fixture.accept('faults.reset', '{}')
  const [, outcome] = await fixture.outcomesOf(ids[0], 2)
  expect(outcome?.attempt?.error?.code).toBe('connection_reset')
  expect(requests).toBe(3 + 2)
  server.close()
})

test('a retry is given up when EVENTS holds another event where its own was, and never sends that one', async () => {
  const endpoint = await startEndpoint()
  const id = await fixture.subscribe({ url: endpoint.url, events: ['faults.elsewhere'] })
  const { sequence } = await fixture.broker.publisher.publish(
    eventSubject('rival', 'deposit.settled'),
    '{"of":"rival"}',
    messageHeaders({ [MessageHeader.eventId]: 'evt_rival', [MessageHeader.acceptedAt]: String(Date.now()) }),
  )
  const entry: CalendarEntry = {
    deliveryId: 'dlv_elsewhere',
    tenant,
    subscriptionId: id,
    eventId: 'evt_own',
    eventType: 'faults.elsewhere',
    eventSequence: sequence,
    acceptedAt: Date.now(),
    attempt: 2,
    retries: 1,
    trigger: 'retry',
  }
  await fixture.broker.publisher.publish(
    calendarSubject(id, entry.deliveryId, sequence),
    JSON.stringify(entry),
    messageHeaders({
      [MessageHeader.schedule]: `@at ${new Date().toISOString()}`,
      [MessageHeader.scheduleTarget]: dueSubject(id),
    }),
  )
  expect((await fixture.outcomesOf(id, 1))[0]?.outcome).toEqual({ type: 'gave_up', reason: 'event_expired' })
  expect(endpoint.requests).toHaveLength(0)
})

test('a consumer that is deleted is made again, and goes on where it was', async () => {
  const endpoint = await startEndpoint()
  const id = await fixture.subscribe({ url: endpoint.url, events: ['faults.consumer'] })
  for (let n = 0; n < 5; n++) await fixture.accept('faults.consumer', `{"n":${n}}`)
  await fixture.outcomesOf(id, 5)
  const { manager } = fixture.broker
  const idle = async () => {
    const info = await manager.consumers.info(StreamName.events, eventsConsumer.name)
    return info.num_pending + info.num_ack_pending === 0
  }
  await waitFor(idle, { what: 'everything to be acknowledged' })
  await manager.consumers.delete(StreamName.events, eventsConsumer.name)
  await fixture.accept('faults.consumer', '{"n":5}')
  await fixture.outcomesOf(id, 6)
  // How far it had come is looked up every few seconds: what was acknowledged since then comes again, under its old id.
  const deliveries = new Set(endpoint.requests.map(({ headers }) => headers['x-lumirecrm-delivery']))
  expect(deliveries.size).toBe(6)
})

test('a consumer of the calendar that is deleted is made again, too', async () => {
  const endpoint = await fixture.endpoint((_request, nth) => (nth % 2 ? 500 : 200), { retryScheduleMs: [10] })
  await endpoint.accept(1)
  await endpoint.outcomes(2)
  const { connection, manager } = fixture.broker
  // A dispatcher asks how far it has come. At the second time it knows the answer to the first.
  let asked = 0
  const { stream, name } = dueConsumer
  const asking = connection.subscribe(`$JS.API.CONSUMER.INFO.${stream}.${name}`, { callback: () => void asked++ })
  await waitFor(() => asked >= 2, { what: 'the dispatcher to know what was acknowledged', timeoutMs: 20_000 })
  asking.unsubscribe()
  await manager.consumers.delete(stream, name)
  await endpoint.accept(1, 1)
  await endpoint.outcomes(4)
  expect(endpoint.numbers()).toEqual([0, 0, 1, 1])
})

test('an event is not for a subscription that came long after it', async () => {
  const endpoint = await startEndpoint()
  const early = await fixture.subscribe({ url: `${endpoint.url}/late`, events: ['faults.late'] })
  await fixture.accept('faults.late', '{"old":true}', {
    [MessageHeader.acceptedAt]: String(Date.now() - 3_600_000),
  })
  await fixture.accept('faults.late', '{"old":false}')
  await fixture.outcomesOf(early, 1)
  expect(endpoint.requests.map(({ body }) => body.toString())).toEqual(['{"old":false}'])
})

test('fields of a newer version do not keep a subscription from its events', async () => {
  const endpoint = await startEndpoint()
  const id = await fixture.subscribe({ url: endpoint.url, events: ['faults.newer'] })
  const { broker } = fixture
  const subject = configSubject(tenant, 'subscription', id)
  const change = { type: 'SubscriptionUpdated', tenant, at: Date.now(), by: 'operator', subscriptionId: id }
  await broker.publisher.publish(
    subject,
    JSON.stringify({ ...change, changes: { url: `${endpoint.url}/new`, colour: 'red' }, mood: 'good' }),
  )
  await fixture.accept('faults.newer', '{}')
  await fixture.outcomesOf(id, 1)
  expect(endpoint.requests.map(({ path }) => path)).toEqual(['/new'])
})
