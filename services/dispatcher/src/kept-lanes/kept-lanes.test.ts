import type { TurnMessage } from '@jethook/contracts'
import { expect, test } from 'vitest'
import type { LaneTurn } from '../lanes/lane.ts'
import { createKeeperAsker } from './ask-keeper.ts'
import { createTurnLender } from './lend-turns.ts'

const question = {
  tenant: 'acme',
  subscriptionId: 'sub_1',
  due: false,
  probing: false,
  crowded: false,
  leaseMs: 10_000,
}

/** One dispatcher that asks, `a`, and one that keeps a lane with a single turn, `k`; messages arrive when they are passed on. */
function given() {
  const clock = { now: 0 }
  const alive = new Set(['a', 'k'])
  const finishing = new Set<string>()
  const onTheirWay: TurnMessage[] = []
  const left: unknown[] = []
  const lane = { isFree: true, isFull: false }
  const waiting: ((turn: LaneTurn) => void)[] = []
  const take = (): LaneTurn => {
    lane.isFree = false
    return {
      leave(shown) {
        lane.isFree = true
        left.push(shown)
      },
      lose() {
        lane.isFree = true
        left.push('lost')
      },
    }
  }
  const options = {
    send: (_to: string, message: TurnMessage) => void onTheirWay.push(message),
    now: () => clock.now,
    lives: (id: string) => alive.has(id),
    isFinishing: (id: string) => finishing.has(id),
  }
  const asker = createKeeperAsker({ ...options, id: 'a', random: () => 0 })
  const lender = createTurnLender({
    ...options,
    id: 'k',
    enter: () => {
      if (lane.isFull) return { deferUntil: Date.now() + 60_000, reason: 'saturated' }
      return lane.isFree ? take() : new Promise((resolve) => waiting.push(resolve))
    },
  })
  const passOn = async (): Promise<void> => {
    for (let message = onTheirWay.shift(); message; message = onTheirWay.shift()) {
      if (message.type === 'ask') void lender.asked(message)
      else if (message.type === 'given_back') lender.givenBack(message)
      else asker.heard(message)
    }
  }
  const grant = (): void => waiting.shift()?.(take())
  return {
    clock,
    alive,
    finishing,
    onTheirWay,
    left,
    lane,
    grant,
    asker,
    lender,
    passOn,
    ask: () => asker.ask('k', question),
  }
}

test('a turn is lent, and given back once, with what the attempt showed', async () => {
  const { ask, passOn, lane, left } = given()
  const asked = ask()
  await passOn()
  const turn = await asked
  if (!('leave' in turn)) throw new Error('expected a turn')
  expect(lane.isFree).toBe(false)
  const shown = { result: 'failed', overloaded: true, pauseMs: 5_000 } as const
  turn.leave(shown)
  turn.leave()
  await passOn()
  expect(left).toEqual([shown])
})

test('who gets none is told when to come again', async () => {
  const { ask, passOn, lane } = given()
  lane.isFull = true
  const second = ask()
  await passOn()
  expect(await second).toMatchObject({ deferUntil: expect.any(Number), reason: 'saturated' })
})

test('what is lent comes back when its borrower is gone, or its word got lost', async () => {
  for (const lose of ['borrower', 'word'] as const) {
    const { ask, passOn, lane, left, lender, clock, alive } = given()
    const asked = ask()
    await passOn()
    await asked
    lender.sweep()
    expect(lane.isFree).toBe(false)
    if (lose === 'borrower') alive.delete('a')
    else clock.now = 10_000
    lender.sweep()
    expect(lane.isFree).toBe(true)
    // There may have been an attempt.
    expect(left).toEqual(['lost'])
  }
})

test('one that leaves keeps what it borrowed until it is finished, and what it still waits for is not lent', async () => {
  const { ask, passOn, lane, grant, left, lender, alive, finishing } = given()
  const asked = ask()
  await passOn()
  await asked
  void ask()
  await passOn()
  alive.delete('a')
  finishing.add('a')
  lender.sweep()
  expect(lane.isFree).toBe(false)
  finishing.delete('a')
  lender.sweep()
  expect(left).toEqual(['lost'])

  finishing.add('a')
  grant()
  await passOn()
  expect(left).toEqual(['lost', undefined])
})

test('nobody waits for a keeper that is gone, nor for an answer that got lost, nor at a stop', async () => {
  for (const lose of ['keeper', 'question', 'answer', 'patience'] as const) {
    const { ask, asker, clock, alive, lane, passOn } = given()
    const asked = ask()
    if (lose === 'keeper') alive.delete('k')
    if (lose === 'question') clock.now = 2_001
    if (lose === 'answer') {
      lane.isFree = false
      await passOn()
      clock.now = 120_000
      asker.sweep()
      clock.now = 200_000
    }
    if (lose === 'patience') asker.stop()
    else asker.sweep()
    expect(await asked).toHaveProperty('deferUntil')
  }
})

test('a turn that comes when nobody waits for it any more goes back', async () => {
  const { ask, asker, passOn, lane, left } = given()
  const asked = ask()
  asker.stop()
  await asked
  await passOn()
  expect(lane.isFree).toBe(true)
  expect(left).toEqual([undefined])
})
