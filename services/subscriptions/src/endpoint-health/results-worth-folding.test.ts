import { expect, test } from 'vitest'
import type { Conditions } from './condition.ts'
import { resultsWorthFolding } from './results-worth-folding.ts'

const failing: Conditions = new Map([['sub_failing', { tenant: 'acme', toldPercent: 0 }]])
const success = { tenant: 'acme', subscriptionId: 'sub_1', succeededAt: 1 }
const worth = (...results: unknown[]) => resultsWorthFolding(JSON.stringify(results), failing)

test('the success of a subscription that just works says nothing new', () => {
  expect(worth(success)).toEqual([])
})

test.each([
  ['ends a streak', { ...success, subscriptionId: 'sub_failing' }],
  ['came before failures', { ...success, failures: [['dlv_1', 2]] }],
  ['was a test', { ...success, testedAt: 1 }],
  ['was told together with the wish to be disabled', { ...success, disables: { why: 'gone', at: 1 } }],
])('one that %s is folded', (_name, result) => {
  expect(worth(success, result)).toEqual([result])
})

test('what is no results is left out', () => {
  expect(worth(null, 7, { ...success, failures: 'many' }, { failures: [['dlv_1', 2]] })).toEqual([])
  for (const header of [undefined, '', 'no JSON', '{}', 'null'])
    expect(resultsWorthFolding(header, failing)).toEqual([])
})
