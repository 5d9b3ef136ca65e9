import { expect, test } from 'vitest'
import { rateOf, TokenBucket, type Rate } from './token-bucket.ts'

/** Takes whatever is there, every millisecond. */
function takenWithin(bucket: TokenBucket, rate: Rate, fromMs: number, toMs: number): number {
  let taken = 0
  for (let now = fromMs; now < toMs; now++) {
    while (bucket.waitMs(now, rate) === 0) {
      bucket.take(now, rate)
      taken++
    }
  }
  return taken
}

test.each([
  ['1 a second', { intervalMs: 1_000, burst: 1 }, 60],
  ['50 a second', { intervalMs: 20, burst: 1 }, 3_000],
  ['7 a second, bursts of 7', { intervalMs: 1_000 / 7, burst: 7 }, 426],
  ['1,000 a second, bursts of 1,000', { intervalMs: 1, burst: 1_000 }, 60_999],
])('%s: over a minute no more than that and the burst are given', (_name, rate, expected) => {
  expect(takenWithin(new TokenBucket(), rate, 0, 60_000)).toBe(expected)
})

test('a quiet time saves up no more than the burst', () => {
  const bucket = new TokenBucket()
  const rate = { intervalMs: 100, burst: 5 }
  takenWithin(bucket, rate, 0, 1_000)
  expect(takenWithin(bucket, rate, 1_000_000, 1_000_001)).toBe(5)
})

test('says when the next tokens are there', () => {
  const bucket = new TokenBucket()
  const rate = { intervalMs: 100, burst: 2 }
  for (const _ of [1, 2]) bucket.take(0, rate)
  expect([0, 1, 9].map((ahead) => bucket.waitMs(0, rate, ahead))).toEqual([100, 200, 1_000])
  expect(bucket.waitMs(70, rate)).toBe(30)
})

test('who waits and is served late loses nothing to the lateness', () => {
  const bucket = new TokenBucket()
  const rate = { intervalMs: 20, burst: 1 }
  let now = 0
  for (let served = 0; served < 1_000; served++) {
    // Each waits from the beginning on, and timers are 7 ms late.
    now += bucket.waitMs(now, rate) + 7
    bucket.take(now, rate, 0)
  }
  expect(now).toBeLessThan(20_100)
})

test('a token that is given back is there for the next one, and no other with it', () => {
  const bucket = new TokenBucket()
  const rate = { intervalMs: 100, burst: 2 }
  for (const _ of [1, 2]) bucket.take(1_000, rate)
  bucket.giveBack(rate)
  expect([0, 1].map((ahead) => bucket.waitMs(1_000, rate, ahead))).toEqual([0, 100])
})

test('what is owed at one rate is at most a burst at another', () => {
  const bucket = new TokenBucket()
  const [slow, fast] = [
    { intervalMs: 20_000, burst: 1 },
    { intervalMs: 20, burst: 1 },
  ]
  bucket.take(0, slow)
  bucket.limitDebt(0, fast)
  expect([0, 15, 20].map((now) => bucket.waitMs(now, fast))).toEqual([20, 5, 0])
})

test('a burst that is not said is what one second allows, and one at least', () => {
  expect(rateOf({ perSecond: 10, burst: 4 })).toEqual({ intervalMs: 100, burst: 4 })
  expect(rateOf({ perSecond: 0.5, burst: null })).toEqual({ intervalMs: 2_000, burst: 1 })
  expect(rateOf({ perSecond: 30, burst: null })).toEqual({ intervalMs: 1_000 / 30, burst: 30 })
})

test('of a burst that somebody else may have used one is left', () => {
  const bucket = new TokenBucket()
  const rate = { intervalMs: 100, burst: 5 }
  bucket.forgoBurst(1_000, rate)
  expect([0, 1].map((ahead) => bucket.waitMs(1_000, rate, ahead))).toEqual([0, 100])
})
