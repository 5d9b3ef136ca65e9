import {
  attemptsSubject,
  configSubject,
  MessageHeader,
  OperationalEvent,
  StreamName,
  type AttemptResults,
  type SubscriptionResults,
} from '@jethook/contracts'
import { messageHeaders, readStream, createLogger, type Consumption } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { createSnapshots } from '../src/endpoint-health/snapshots.ts'
import { send, startSubscriptions, type Body, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let fixture: Fixture
let tenant: TenantFixture
let reading: Consumption
const told: OperationalEvent[] = []

beforeAll(async () => {
  fixture = await startSubscriptions()
  const signature = { header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }
  const document = {
    name: 'strict',
    eventTypes: [{ name: 'deposit.settled' }],
    signatures: [signature],
    disable: { consecutiveFailures: 10, minimumSpanMs: 60_000, noticeAtPercent: [50, 90] },
  }
  await fixture.call('POST', '/v1/profiles', { key: fixture.operatorKey, body: document })
  tenant = await fixture.createTenant('strict')
  // Two replicas see everything, and decide each thing once.
  await fixture.startReplica()
  let next = 1
  reading = readStream(
    fixture.broker,
    StreamName.operations,
    () => next,
    (message) => {
      next = message.seq + 1
      told.push(OperationalEvent.parse(message.json()))
    },
    createLogger('test', 'silent'),
  )
})
afterAll(async () => {
  await reading?.stop()
  await fixture?.dispose()
})

const path = '/v1/webhooks/subscriptions'
const read = async (id: string): Promise<Body> => (await tenant.call('GET', `${path}/${id}`)).body
const isNow = (id: string, expected: object) =>
  waitFor(async () => (expect(await read(id)).toMatchObject(expected), true), { what: JSON.stringify(expected) })

/** Says how attempts went, the way dispatchers do. */
async function report(subscriptionId: string, results: Omit<SubscriptionResults, 'tenant' | 'subscriptionId'>) {
  const value: z.infer<typeof AttemptResults> = [{ tenant: tenant.id, subscriptionId, ...results }]
  const header = messageHeaders({ [MessageHeader.results]: JSON.stringify(value) })
  await fixture.broker.publisher.publish(attemptsSubject('test'), '[]', header)
}

/** Failures of different deliveries over hours, the last one a minute ago. */
const oldFailures = (count: number): { failures: [string, number][] } => ({
  failures: Array.from({ length: count }, (_, i) => [`dlv_${i}`, Date.now() - 60_000 * (count - i)]),
})

const subscribe = async (): Promise<string> => (await tenant.subscribe()).id

const toldAbout = (id: string) => told.filter(({ subscriptionId }) => subscriptionId === id)

test('one that only fails is told of, disabled with the reason, and told of again; once each', async () => {
  const id = await subscribe()
  const first = Date.now()
  const failuresAt = (count: number, at: number) =>
    report(id, { failures: Array.from({ length: count }, (_, i) => [`dlv_${i}`, at]) })
  await failuresAt(5, first)
  await isNow(id, { status: 'active', consecutiveFailures: 5, firstFailureAt: new Date(first).toISOString() })
  await failuresAt(1, first + 30_000)
  await waitFor(() => toldAbout(id).length === 1)
  await failuresAt(20, first + 61_000)
  await isNow(id, {
    status: 'disabled',
    active: false,
    disabledReason: 'failing',
    disabledAt: expect.any(String),
    firstFailureAt: new Date(first).toISOString(),
    consecutiveFailures: 26,
  })
  await waitFor(() => toldAbout(id).length === 2)
  expect(toldAbout(id)).toMatchObject([
    { type: 'webhook.failing', percent: 50, streak: { consecutiveFailures: 6, threshold: 10, failingSince: first } },
    { type: 'webhook.disabled', reason: 'failing', streak: { consecutiveFailures: 26, failingSince: first } },
  ])
  const decisions = (await fixture.storedConfig()).filter((text) => text.includes('SubscriptionDisabled'))
  expect(decisions.filter((text) => text.includes(id))).toHaveLength(1)
})

test('one bad event does not disable, nor do many failures within a moment, and a success ends the count', async () => {
  const [poisoned, brief, recovered] = [await subscribe(), await subscribe(), await subscribe()]
  const now = Date.now()
  await report(poisoned, { failures: Array.from({ length: 50 }, (_, i) => ['dlv_1', now + i * 10_000]) })
  await report(brief, { failures: Array.from({ length: 500 }, (_, i) => [`dlv_${i}`, now]) })
  await report(recovered, { failures: Array.from({ length: 9 }, (_, i) => [`dlv_${i}`, now + i * 10_000]) })
  await report(recovered, { succeededAt: now + 100_000, failures: [['dlv_10', now + 110_000]] })
  await isNow(recovered, { status: 'active', consecutiveFailures: 1 })
  expect(await read(poisoned)).toMatchObject({ status: 'active', consecutiveFailures: 50 })
  expect(await read(brief)).toMatchObject({ status: 'active', consecutiveFailures: 500 })
  expect([...toldAbout(poisoned), ...toldAbout(brief)]).toEqual([])
})

test.each(['gone', 'receiver'] as const)(
  'a receiver that wants nothing any more is disabled at once: %s',
  async (why) => {
    const id = await subscribe()
    await report(id, { failures: [['dlv_1', Date.now()]], disables: { why, at: Date.now() } })
    await isNow(id, { status: 'disabled', disabledReason: why, consecutiveFailures: 1 })
    await waitFor(() => toldAbout(id).length === 1)
    expect(toldAbout(id)).toMatchObject([{ type: 'webhook.disabled', reason: why }])
  },
)

test('one that was disabled is enabled by hand, and what failed before does not count', async () => {
  const byRoute = await subscribe()
  const byChange = await subscribe()
  for (const id of [byRoute, byChange]) {
    await report(id, { disables: { why: 'gone', at: Date.now() } })
    await isNow(id, { status: 'disabled' })
  }
  await tenant.call('POST', `${path}/${byRoute}/enable`)
  await tenant.call('PATCH', `${path}/${byChange}`, { body: { active: true } })
  for (const id of [byRoute, byChange]) {
    expect(await read(id)).toMatchObject({ status: 'active', disabledReason: null, consecutiveFailures: 0 })
    await report(id, oldFailures(200))
    await waitFor(() => toldAbout(id).length === 2)
    expect(toldAbout(id).map(({ type }) => type)).toEqual(['webhook.disabled', 'webhook.enabled'])
  }
  await report(byRoute, { failures: [['dlv_1', Date.now()]] })
  await isNow(byRoute, { status: 'active', consecutiveFailures: 1 })
})

test('a change that a newer version made is told of, too', async () => {
  const id = await subscribe()
  const change = { type: 'SubscriptionUpdated', tenant: tenant.id, at: Date.now(), by: 'operator', subscriptionId: id }
  const newer = { ...change, changes: { active: false, colour: 'red' }, mood: 'good' }
  await fixture.broker.publisher.publish(configSubject(tenant.id, 'subscription', id), JSON.stringify(newer))
  await waitFor(() => toldAbout(id).length === 1, { what: 'the notice' })
  expect(toldAbout(id)).toMatchObject([{ type: 'webhook.disabled', reason: 'manual' }])
})

test('what the endpoint before did is not held against another one: neither a 410 nor a streak of failures', async () => {
  const [gone, enabled, failing] = [await subscribe(), await subscribe(), await subscribe()]
  const now = Date.now()
  await report(enabled, { disables: { why: 'gone', at: now } })
  await isNow(enabled, { status: 'disabled' })
  await report(failing, { failures: Array.from({ length: 9 }, (_, i) => [`dlv_${i}`, now]) })
  await isNow(failing, { consecutiveFailures: 9 })
  // Before the changes, and long after these were made: to report and to read it took more than that.
  const startedAt = Date.now() - 1
  await tenant.call('POST', `${path}/${enabled}/enable`)
  for (const id of [gone, failing])
    await tenant.call('PATCH', `${path}/${id}`, { body: { url: 'https://receiver.example/other' } })
  expect(await read(failing)).toMatchObject({ consecutiveFailures: 0 })
  // An attempt that was under way for longer than the change took.
  const late = { why: 'receiver', at: Date.now() + 5_000, startedAt } as const
  for (const id of [gone, enabled])
    await report(id, { failures: [['dlv_1', late.at]], failuresStartedAt: [startedAt], disables: late })
  await report(failing, { failures: [['dlv_10', now + 61_000]] })
  await isNow(failing, { status: 'active', consecutiveFailures: 1 })
  for (const id of [gone, enabled]) {
    await isNow(id, { status: 'active', disabledReason: null, consecutiveFailures: 0 })
    await report(id, { disables: { why: 'gone', at: Date.now(), startedAt: Date.now() } })
    await isNow(id, { status: 'disabled', disabledReason: 'gone' })
  }
})

test('a successful test enables one that was disabled, and leaves alone one that its owner made inactive', async () => {
  const [disabled, inactive] = [await subscribe(), await subscribe()]
  await report(disabled, { disables: { why: 'gone', at: Date.now() } })
  await isNow(disabled, { status: 'disabled' })
  await tenant.call('PATCH', `${path}/${inactive}`, { body: { active: false } })
  for (const id of [inactive, disabled]) await report(id, { succeededAt: Date.now() + 5, testedAt: Date.now() })
  await isNow(disabled, { status: 'active', disabledReason: null })
  expect(await read(inactive)).toMatchObject({ status: 'inactive' })
  await waitFor(() => toldAbout(disabled).length === 2)
  expect(toldAbout(disabled)[1]).toMatchObject({ type: 'webhook.enabled', by: 'jethook' })
})

test('a test whose answer asks to be disabled enables nothing, although it succeeds', async () => {
  const [unwilling, willing] = [await subscribe(), await subscribe()]
  for (const id of [unwilling, willing]) {
    await report(id, { disables: { why: 'receiver', at: Date.now() } })
    await isNow(id, { status: 'disabled' })
  }
  const testedAt = Date.now()
  const tested = { succeededAt: testedAt + 5, testedAt }
  await report(unwilling, { ...tested, disables: { why: 'receiver', at: testedAt + 5, startedAt: testedAt } })
  await report(willing, tested)
  await isNow(willing, { status: 'active' })
  expect(await read(unwilling)).toMatchObject({ status: 'disabled', disabledReason: 'receiver' })
})

test('what was counted survives a restart of all replicas', async () => {
  const id = await subscribe()
  const first = Date.now()
  await report(id, { failures: Array.from({ length: 6 }, (_, i) => [`dlv_${i}`, first]) })
  await isNow(id, { consecutiveFailures: 6 })
  await waitFor(async () => {
    const info = await fixture.broker.manager.streams.info(StreamName.progress)
    return info.state.last_seq > 0
  })
  await fixture.stopReplicas()
  await report(id, { failures: [['dlv_7', first + 10]] })
  const replica = await fixture.startReplica()
  await report(id, { failures: Array.from({ length: 3 }, (_, i) => [`dlv_${10 + i}`, first + 61_000]) })
  const { key } = tenant
  await waitFor(async () => {
    const answer = await fetch(`${replica.url}${path}/${id}`, { headers: { 'x-api-key': key } })
    const { status, consecutiveFailures } = (await answer.json()) as Record<string, unknown>
    return status === 'disabled' && consecutiveFailures === 10
  })
})

test('what was over before anybody looked disables nothing, and is not told of', async () => {
  const [recovered, failing] = [await created(), await created()]
  await fixture.stopReplicas()
  const first = Date.now()
  const failuresOf = (count: number): [string, number][] =>
    Array.from({ length: count }, (_, i) => [`dlv_${i}`, first + i * 10_000])
  await report(recovered, { failures: failuresOf(12) })
  await report(recovered, { succeededAt: first + 120_000 })
  await report(failing, { failures: failuresOf(6) })
  await report(failing, { failures: failuresOf(12) })
  const { url } = await fixture.startReplica()
  const shown = async (id: string) => (await send(`${url}${path}/${id}`, 'GET', { key: tenant.key })).body
  await waitFor(async () => (await shown(failing))['status'] === 'disabled')
  expect(await shown(recovered)).toMatchObject({ status: 'active', consecutiveFailures: 0 })
  await waitFor(() => toldAbout(failing).length > 0)
  expect(toldAbout(failing)).toMatchObject([{ type: 'webhook.disabled', streak: { consecutiveFailures: 18 } }])
  expect(toldAbout(recovered)).toEqual([])
})

/** Whichever replica is there. */
async function created(): Promise<string> {
  const replica = await fixture.startReplica()
  const body = { url: 'https://example.com/hooks', events: ['deposit.settled'] }
  return String((await send(`${replica.url}${path}`, 'POST', { key: tenant.key, body })).body['id'])
}

test('what was counted is stored again when the stream that held it was emptied', async () => {
  const { manager } = fixture.broker
  await manager.streams.purge(StreamName.progress)
  await report('sub_unknown', { succeededAt: Date.now() })
  await waitFor(async () => (await manager.streams.info(StreamName.progress)).state.messages === 1)
})

test('of one that was deleted nothing is kept', async () => {
  const replica = await fixture.startReplica()
  const [deleted, kept] = [await created(), await created()]
  const stored = async (): Promise<string[]> =>
    (await createSnapshots(fixture.broker).load())?.conditions.map(([id]) => id) ?? []
  for (const id of [deleted, kept]) await report(id, { failures: [['dlv_1', Date.now()]] })
  await waitFor(async () => (await stored()).includes(deleted))
  await send(`${replica.url}${path}/${deleted}`, 'DELETE', { key: tenant.key })
  await report(kept, { failures: [['dlv_2', Date.now()]] })
  await waitFor(async () => {
    const ids = await stored()
    return ids.includes(kept) && !ids.includes(deleted)
  })
})
