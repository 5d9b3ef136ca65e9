import { expect, test } from 'vitest'
import { foldResults, type Conditions } from './condition.ts'

const of = { tenant: 'acme', subscriptionId: 'sub_1' }
const fold = (conditions: Conditions, results: object, active: { since: number | undefined } = { since: 0 }): boolean =>
  foldResults(conditions, { ...of, ...results }, active.since)

test('failures make a streak, a success ends it', () => {
  const conditions: Conditions = new Map()
  fold(conditions, {
    failures: [
      ['dlv_1', 10],
      ['dlv_2', 20],
    ],
  })
  fold(conditions, { failures: [['dlv_1', 30]] })
  expect(conditions.get('sub_1')?.streak).toEqual({
    failures: 3,
    firstFailureAt: 10,
    lastFailureAt: 30,
    deliveries: ['lv_1', 'lv_2'],
  })
  expect(fold(conditions, { succeededAt: 40 })).toBe(false)
  expect(conditions.size).toBe(0)
})

test('a success among failures leaves those after it', () => {
  const conditions: Conditions = new Map()
  fold(conditions, { failures: [['dlv_1', 10]] })
  fold(conditions, { succeededAt: 20, failures: [['dlv_2', 30]] })
  expect(conditions.get('sub_1')?.streak).toMatchObject({ failures: 1, firstFailureAt: 30 })
})

test('what was told of a streak is forgotten with it', () => {
  const conditions: Conditions = new Map()
  fold(conditions, { failures: [['dlv_1', 10]] })
  const condition = conditions.get('sub_1')
  if (condition) conditions.set('sub_1', { ...condition, toldPercent: 75 })
  fold(conditions, { failures: [['dlv_1', 20]] })
  expect(conditions.get('sub_1')?.toldPercent).toBe(75)
  // Stored late, by a dispatcher that could not before.
  fold(conditions, { failures: [['dlv_2', 5]] })
  expect(conditions.get('sub_1')).toMatchObject({ toldPercent: 75, streak: { failures: 3, firstFailureAt: 5 } })
  fold(conditions, { succeededAt: 30, failures: [['dlv_1', 40]] })
  expect(conditions.get('sub_1')?.toldPercent).toBe(0)
})

test.each([
  ['before it was made active', 15],
  ['while it is not active', undefined],
])('failures from %s do not count', (_name, activeSince) => {
  const conditions: Conditions = new Map()
  expect(fold(conditions, { failures: [['dlv_1', 10]] }, { since: activeSince })).toBe(false)
  expect(conditions.size).toBe(0)
})

test('failures of attempts that began before it was made active do not count, though they ended after', () => {
  const conditions: Conditions = new Map()
  const failures = [
    ['dlv_1', 20],
    ['dlv_2', 20],
  ]
  fold(conditions, { failures, failuresStartedAt: [10, 15] }, { since: 15 })
  expect(conditions.get('sub_1')?.streak).toMatchObject({ failures: 1, deliveries: ['lv_2'] })
})

test('a streak from before it was made active, or got another URL, does not go on', () => {
  const conditions: Conditions = new Map()
  fold(conditions, { failures: [['dlv_1', 10]] })
  fold(conditions, { failures: [['dlv_2', 20]] }, { since: 15 })
  expect(conditions.get('sub_1')?.streak).toMatchObject({ failures: 1, firstFailureAt: 20 })
})

test('wishes of the receiver and successful tests are kept until they are acted upon', () => {
  const conditions: Conditions = new Map()
  expect(fold(conditions, { disables: { why: 'gone', at: 10 } }, { since: undefined })).toBe(true)
  expect(fold(conditions, { succeededAt: 20, testedAt: 19 }, { since: undefined })).toBe(true)
  expect(conditions.get('sub_1')).toEqual({
    tenant: 'acme',
    toldPercent: 0,
    disables: { why: 'gone', at: 10 },
    testedAt: 19,
  })
})
