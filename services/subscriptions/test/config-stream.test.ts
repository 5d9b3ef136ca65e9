import { changesCountAfterMs } from '@jethook/configuration'
import { configSubject, DomainEvent, StreamName } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { send, startSubscriptions, type Fixture } from './start-subscriptions.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startSubscriptions()
})
afterAll(() => fixture?.dispose())

const path = '/v1/webhooks/subscriptions'
const body = { url: 'https://example.com/hooks', events: ['deposit.settled'] }

test('50 concurrent creates through two replicas are all stored, and both replicas show all of them at once', async () => {
  const tenant = await fixture.createTenant()
  const { url } = await fixture.startReplica()
  const urls = [fixture.url, url]
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => send(`${urls[i % 2]}${path}`, 'POST', { key: tenant.key, body })),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))

  const ids = answers.map((answer) => String(answer.body['id']))
  const stored = (await fixture.storedConfig())
    .map((message) => DomainEvent.parse(JSON.parse(message)))
    .flatMap((event) => (event.type === 'SubscriptionCreated' ? [event.subscriptionId] : []))
  expect(stored.toSorted()).toEqual(ids.toSorted())
  for (const replica of urls) {
    const listed = await send(`${replica}${path}?limit=200`, 'GET', { key: tenant.key })
    expect(listed.body.data?.map(({ id }) => id)).toEqual(stored)
  }
})

test('a change through one replica counts at the other from the moment it returned', async () => {
  const tenant = await fixture.createTenant()
  const { url } = await fixture.startReplica()
  for (let i = 0; i < 20; i++) {
    const { id } = await tenant.subscribe()
    expect((await send(`${url}${path}/${id}`, 'GET', { key: tenant.key })).status).toBe(200)
    expect((await send(`${url}${path}/${id}`, 'DELETE', { key: tenant.key })).status).toBe(204)
    expect((await tenant.call('GET', `${path}/${id}`)).status).toBe(404)
  }
})

test('who makes a change, or sees it, is told when it counts with every process', async () => {
  const tenant = await fixture.createTenant()
  const answeredAt = new Map<string, number>()
  const note = (id: unknown) => answeredAt.set(String(id), Math.min(answeredAt.get(String(id)) ?? Infinity, Date.now()))
  const watch = async () => {
    while (answeredAt.size < 20) for (const { id } of (await tenant.call('GET', path)).body.data ?? []) note(id)
  }
  const watching = watch()
  for (let nth = 0; nth < 20; nth++) note((await tenant.subscribe()).id)
  await watching

  for (const [id, at] of answeredAt) {
    const subject = configSubject(tenant.id, 'subscription', id)
    const stored = await fixture.broker.manager.streams.getMessage(StreamName.config, { last_by_subj: subject })
    // A reading of the clock is up to a millisecond old.
    expect(at - Number(stored?.time)).toBeGreaterThanOrEqual(changesCountAfterMs - 1)
  }
  expect(answeredAt.size).toBe(20)
})

test('neither API keys nor secrets are on the stream in the clear', async () => {
  const tenant = await fixture.createTenant()
  const { id, secret } = await tenant.subscribe()
  const rotated = String((await tenant.call('POST', `${path}/${id}/rotate-secret`)).body['secret'])
  const stream = (await fixture.storedConfig()).join('\n')
  expect(stream).toContain(id)
  for (const hidden of [tenant.key, secret, rotated, fixture.operatorKey]) {
    expect(stream).not.toContain(hidden)
    expect(stream).not.toContain(Buffer.from(hidden).toString('base64url'))
    expect(stream).not.toContain(hidden.replace(/^lum_(live|whsec)_/, ''))
  }
})

test('an update that changes nothing stores nothing', async () => {
  const tenant = await fixture.createTenant()
  const { id } = await tenant.subscribe()
  const before = await fixture.storedConfig()
  expect((await tenant.call('PATCH', `${path}/${id}`, { body })).status).toBe(200)
  expect(await fixture.storedConfig()).toEqual(before)
})

test('everything is there again after a restart', async () => {
  const tenant = await fixture.createTenant()
  const { secret: _, ...resource } = await tenant.subscribe()
  const { url } = await fixture.startReplica()
  expect((await send(`${url}${path}/${resource.id}`, 'GET', { key: tenant.key })).body).toEqual(resource)
})

test('without NATS nothing is decided on what may be outdated, and it heals', async () => {
  const tenant = await fixture.createTenant()
  const { id } = await tenant.subscribe()
  await fixture.nats.stop()
  const answers = await Promise.all([
    tenant.call('POST', path, { body }),
    tenant.call('GET', `${path}/${id}`),
    fixture.call('GET', '/readyz'),
  ])
  expect(answers).toMatchObject([
    { status: 503, body: { code: 'broker_unavailable' } },
    { status: 503, body: { code: 'broker_unavailable' } },
    { status: 503, body: { missing: 'NATS' } },
  ])
  await fixture.nats.start()
  await waitFor(async () => (await tenant.call('POST', path, { body })).status === 201, { timeoutMs: 20_000 })
  expect((await tenant.call('GET', path)).body.data).toHaveLength(2)
  expect((await fixture.call('GET', '/readyz')).status).toBe(200)
})
