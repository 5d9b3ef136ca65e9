import { setTimeout as delay } from 'node:timers/promises'
import { dispatchersSubject, type DispatcherAlive, type TurnMessage } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../test/infrastructure/index.ts'
import { ownerOf } from '../src/peers/owner-of.ts'
import { startFixture, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
  for (const _ of [1, 2, 3]) await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())

/** Answers after a while, and counts how many it had at the same time. */
function counting(tookMs: number) {
  const count = { now: 0, most: 0 }
  const respond = async (): Promise<number> => {
    count.most = Math.max(count.most, ++count.now)
    await delay(tookMs)
    count.now--
    return 200
  }
  return { count, respond }
}

test.each([1, 2])(
  'concurrency %i is that of all dispatchers together, also where they are more',
  async (concurrency) => {
    const { count, respond } = counting(20)
    const endpoint = await fixture.endpoint(respond, { concurrency })
    await endpoint.accept(150)
    await endpoint.receiver.waitFor(150, 30_000)
    expect(count.most).toBe(concurrency)
    expect(new Set(endpoint.numbers()).size).toBe(150)
    // Each of the dispatchers had some of them.
    const writers = await waitFor(async () => {
      const outcomes = await endpoint.outcomes(150)
      return outcomes.every(({ attempt }) => attempt?.number === 1 || attempt === null) && outcomes
    })
    expect(writers.length).toBeGreaterThanOrEqual(150)
  },
)

test('what another dispatcher lent to one that leaves is lent to nobody else before its attempt is over', async () => {
  const own = await startFixture()
  const alive = new Set<string>()
  const left = new Set<string>()
  const { connection } = own.broker
  connection.subscribe(dispatchersSubject.alive, {
    callback(_error, message) {
      const { id, leaving } = message.json<DispatcherAlive>()
      if (leaving) left.add(id)
      else alive.add(id)
    },
  })
  await own.startDispatcher()
  const [keeper] = await waitFor(() => alive.size === 1 && Array.from(alive))
  const borrower = await own.startDispatcher()
  const ids = await waitFor(() => alive.size === 2 && Array.from(alive))
  const borrowerId = ids.find((id) => id !== keeper) ?? ''
  let lent = 0
  connection.subscribe(dispatchersSubject.turns(borrowerId), {
    callback(_error, message) {
      if (message.json<TurnMessage>().type === 'lent') lent++
    },
  })

  const free = Promise.withResolvers<number>()
  let isHeld = false
  const respond = (): number | Promise<number> => {
    isHeld ||= lent > 0
    return isHeld ? free.promise : 200
  }
  const endpointOfKeeper = async () => {
    const endpoint = await own.endpoint(respond, { concurrency: 1 })
    return ownerOf(endpoint.id, ids) === keeper && endpoint
  }
  const endpoint = await waitFor(endpointOfKeeper)
  let accepted = 0
  await waitFor(async () => {
    if (!isHeld) await endpoint.accept(1, accepted++)
    return isHeld
  })
  const stopped = borrower.stop()
  await waitFor(() => left.has(borrowerId))
  const asked = endpoint.receiver.requests.length
  await endpoint.accept(1, accepted++)
  // Each time that it comes again, it could have got the turn; and each time it is told to come after twice as long.
  const deferred = () =>
    own.outcomes.filter(({ subscriptionId, outcome }) => {
      return subscriptionId === endpoint.id && outcome.type === 'deferred'
    })
  await waitFor(() => deferred().length >= 2 || endpoint.receiver.requests.length > asked)
  expect(endpoint.receiver.requests).toHaveLength(asked)
  free.resolve(200)
  await endpoint.receiver.waitFor(accepted)
  await stopped
  await own.stop()
})
