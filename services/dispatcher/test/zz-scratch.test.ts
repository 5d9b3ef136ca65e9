import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, test } from 'vitest'
import { startFixture, type Fixture } from './fixture.ts'
let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
  for (const _ of [1, 2]) await fixture.startDispatcher()
})
afterAll(() => fixture?.stop())
test('rates', { timeout: 200_000 }, async () => {
  const rates = [0.5, 1, 3, 10, 40, 200]
  const ends = await Promise.all(
    rates.map((perSecond) => fixture.endpoint(undefined, { rateLimit: { perSecond, burst: 1 } })),
  )
  await Promise.all(ends.map((e, i) => e.accept(Math.ceil(rates[i]! * 85))))
  await delay(76_000)
  for (const [i, e] of ends.entries()) {
    const t = e.receiver.requests.map((r) => r.receivedAtMs)
    const s = t[0]!
    // From a token on, so that the borders do not count.
    const in1 = t.filter((x) => x >= s + 5 && x < s + 60_005).length
    const in2 = t.filter((x) => x >= s + 10_005 && x < s + 70_005).length
    const deferrals = fixture.outcomes.filter((o) => o.subscriptionId === e.id && o.outcome.type === 'deferred').length
    console.log(
      rates[i],
      'first minute',
      in1,
      ((in1 / (rates[i]! * 60) - 1) * 100).toFixed(1) + '%',
      'later',
      in2,
      ((in2 / (rates[i]! * 60) - 1) * 100).toFixed(1) + '%',
      'deferrals',
      deferrals,
      'of',
      Math.ceil(rates[i]! * 85),
    )
  }
})
