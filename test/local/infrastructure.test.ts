import { connect } from '@nats-io/transport-node'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startInfrastructure, startReceiver, waitFor, type Infrastructure } from '../infrastructure/index.ts'

let infra: Infrastructure

beforeAll(async () => {
  infra = await startInfrastructure()
})

afterAll(() => infra.stop())

test('a test file has a NATS server of its own', async () => {
  const connection = await connect({ servers: infra.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  await infra.nats.stop()
  await infra.nats.start()
  expect(await waitFor(() => connection.rtt())).toBeGreaterThanOrEqual(0)
  await connection.close()
})

test('a test file has an empty database of its own', async () => {
  const client = new Client({ connectionString: infra.databaseUrl })
  await client.connect()
  const { rows } = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
  expect(rows).toEqual([])
  await client.end()
})

test('the receiver records what it gets and answers what it is told', async () => {
  const receiver = await startReceiver((_request, nth) => (nth === 1 ? 503 : { status: 201, body: 'thanks' }))
  const post = (): Promise<Response> =>
    fetch(`${receiver.url}/hook?a=1`, { method: 'POST', body: '{ "n": 1 }', headers: { 'X-Some': 'Thing' } })
  expect((await post()).status).toBe(503)
  const second = await post()
  expect([second.status, await second.text()]).toEqual([201, 'thanks'])
  const [first] = await receiver.waitFor(2)
  expect(first).toMatchObject({ method: 'POST', path: '/hook?a=1', headers: { 'x-some': 'Thing' } })
  expect(first?.body.toString()).toBe('{ "n": 1 }')
  await expect(receiver.waitFor((request) => request.method === 'PUT', 50)).rejects.toThrow(
    /Waited 50 ms for a request that matches; got 2\n {2}POST \/hook\?a=1 \{ "n": 1 \}/,
  )
  await receiver.close()
})
