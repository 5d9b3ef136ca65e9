import { AttemptResults, type DeliveryOutcome } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { ResultsSummary } from './summarize-results.ts'

let time = 1_000
function outcome(type: 'delivered' | 'retry' | 'deferred', of: Partial<DeliveryOutcome> = {}): DeliveryOutcome {
  time += 10
  return {
    deliveryId: 'dlv_1',
    tenant: 'acme',
    subscriptionId: 'sub_1',
    eventId: 'evt_1',
    eventType: 'deposit.settled',
    eventSequence: 1,
    acceptedAt: 0,
    at: time,
    outcome: type === 'deferred' ? { type, at: 0, reason: 'saturated' } : type === 'retry' ? { type, at: 0 } : { type },
    attempt:
      type === 'deferred'
        ? null
        : {
            id: 'att_1',
            number: 1,
            trigger: 'event',
            url: '',
            startedAt: time - 5,
            durationMs: 5,
            requestHeaders: {},
            response: null,
            error: null,
          },
    ...of,
  }
}

function summaryOf(...outcomes: DeliveryOutcome[]) {
  const summary = new ResultsSummary()
  for (const each of outcomes) summary.add(each)
  return AttemptResults.parse(JSON.parse(summary.toString()))
}

const of = { tenant: 'acme', subscriptionId: 'sub_1' }

test('only the failures since the last success are told', () => {
  const [early, success, late] = [outcome('retry'), outcome('delivered'), outcome('retry', { deliveryId: 'dlv_2' })]
  expect(summaryOf(early, success, late)).toEqual([
    { ...of, succeededAt: success.at, failures: [['dlv_2', late.at]], failuresStartedAt: [late.at - 5] },
  ])
})

test('what was put off without an attempt tells nothing', () => {
  const summary = new ResultsSummary()
  summary.add(outcome('deferred'))
  expect(summary.isEmpty).toBe(true)
})

test('a successful test is told, a failed one is not held against the subscription', () => {
  const tested = outcome('delivered', { eventType: 'webhook.test' })
  const failed = outcome('retry', { eventType: 'webhook.test' })
  expect(summaryOf(tested, failed)).toEqual([{ ...of, succeededAt: tested.at, testedAt: tested.attempt?.startedAt }])
})

test('failed notices about webhooks are not held against the subscription: they would bring about more of them', () => {
  const failed = outcome('retry', { eventType: 'webhook.failing' })
  const delivered = outcome('delivered', { eventType: 'webhook.disabled' })
  expect(summaryOf(failed)).toEqual([of])
  expect(summaryOf(failed, delivered)).toEqual([{ ...of, succeededAt: delivered.at }])
})

test.each([
  'connection_refused',
  'tls_failure',
  'client_certificate_unusable',
  'token_endpoint_refused',
  'token_endpoint_timeout',
  'token_endpoint_failed',
])('an attempt that never arrived (%s) tells of the endpoint, not of its event: each counts for itself', (code) => {
  const refused = outcome('retry')
  const attempt = { ...refused.attempt, id: 'att_7', error: { code, message: '' } }
  const [unseen, broken] = [{ ...refused, attempt } as DeliveryOutcome, outcome('retry')]
  expect(summaryOf(unseen, broken)).toEqual([
    {
      ...of,
      failures: [
        ['att_7', unseen.at],
        ['dlv_1', broken.at],
      ],
      failuresStartedAt: [unseen.at - 5, broken.at - 5],
    },
  ])
})

test('a receiver that wants nothing any more is told of, each subscription for itself', () => {
  const gone = outcome('retry', { disables: 'gone' })
  const other = outcome('delivered', { subscriptionId: 'sub_2' })
  expect(summaryOf(gone, other)).toEqual([
    {
      ...of,
      failures: [['dlv_1', gone.at]],
      failuresStartedAt: [gone.at - 5],
      disables: { why: 'gone', at: gone.at, startedAt: gone.at - 5 },
    },
    { ...of, subscriptionId: 'sub_2', succeededAt: other.at },
  ])
})
