import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { checkDestination, createEgressAgent, parsePolicy } from '../src/index.ts'
import { startDnsServer } from '../../../test/infrastructure/dns-server.ts'
import { waitFor } from '../../../test/infrastructure/wait-for.ts'
import { startReceiver, startTrap } from './receiver.ts'
import { failing, send } from './send.ts'

// 127.0.0.1 stands for the public address of an attacker's receiver, 127.0.0.2 for what it wants to reach.
const policy = parsePolicy({ ALLOWED_NETWORKS: '127.0.0.1/32' })
const outside = '127.0.0.1'
const inside = '127.0.0.2'
const name = 'attacker.test'

test('a name that changes between the check of its URL and the connection is refused', async () => {
  await using receiver = await startReceiver()
  await using trap = await startTrap(receiver.port)
  await using dns = await startDnsServer((_name, query) => [query === 1 ? outside : inside])
  const url = `http://${name}:${receiver.port}/`
  const agent = createEgressAgent({ policy, lookup: dns.lookup })

  expect(await checkDestination(url, policy, { lookup: dns.lookup })).toBeUndefined()
  const error = await failing(send(agent, url))

  expect(error.code).toBe('destination_refused')
  expect(error.message).toContain(inside)
  expect(trap?.connections ?? 0).toBe(0)
  await agent.close()
})

test('a name that changes with every question is asked for once per connection: what was checked is connected to', async () => {
  await using receiver = await startReceiver({ respond: (_request, response) => closeAfter(response) })
  await using trap = await startTrap(receiver.port)
  await using dns = await startDnsServer((_name, query) => [query % 2 === 1 ? outside : inside])
  const url = `http://${name}:${receiver.port}/`
  const agent = createEgressAgent({ policy, lookup: dns.lookup })

  for (let connection = 1; connection <= 10; connection++) {
    const outcome = await send(agent, url).then(
      ({ used }) => used?.address,
      (error: { code: string }) => error.code,
    )
    expect(outcome).toBe(connection % 2 === 1 ? outside : 'destination_refused')
    expect(dns.queries(name)).toBe(connection)
  }

  expect(receiver.connections).toBe(5)
  expect(trap?.connections ?? 0).toBe(0)
  await agent.close()
})

test('a name that changes while a connection is open changes nothing for it, and is refused for the next one', async () => {
  await using receiver = await startReceiver()
  await using trap = await startTrap(receiver.port)
  await using dns = await startDnsServer(() => [outside])
  const url = `http://${name}:${receiver.port}/`
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  await send(agent, url)

  dns.answer = () => [inside]
  expect((await send(agent, url)).used).toMatchObject({ reused: true, address: outside })
  expect(dns.queries(name)).toBe(1)

  receiver.server.closeAllConnections()
  await waitFor(() => agent.connections === 0, { what: 'the connection to be closed' })
  expect((await failing(send(agent, url))).code).toBe('destination_refused')

  expect(receiver.connections).toBe(1)
  expect(trap?.connections ?? 0).toBe(0)
  await agent.close()
})

test('a name that has both addresses never leads to the other one, in whatever order, also when the first does not answer', async () => {
  await using receiver = await startReceiver()
  await using trap = await startTrap(receiver.port)
  await using dns = await startDnsServer((_name, query) => (query % 2 ? [outside, inside] : [inside, outside]))
  const url = `http://${name}:${receiver.port}/`
  const { port } = receiver
  const agent = createEgressAgent({ policy, lookup: dns.lookup })
  expect((await send(agent, url)).used?.address).toBe(outside)

  await receiver[Symbol.asyncDispose]()
  for (let connection = 0; connection < 4; connection++)
    expect((await failing(send(agent, `http://${name}:${port}/`))).code).toBe('ECONNREFUSED')

  expect(trap?.connections ?? 0).toBe(0)
  await agent.close()
})

function closeAfter(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  response.end()
}
