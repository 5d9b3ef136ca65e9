import { expect, test } from 'vitest'
import type { Attempt, DeliveryOutcome } from './deliveries.ts'
import { outcomeLines, outcomeMessage, readOutcomes } from './outcome-batch.ts'

const of = {
  deliveryId: 'dlv_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  eventId: 'evt_1',
  eventType: 'deposit.settled',
  eventSequence: 1,
  acceptedAt: 1_000,
  at: 1_050,
}
const attempt: Attempt = {
  id: 'att_1',
  number: 3,
  trigger: 'retry',
  url: 'https://receiver.example/',
  startedAt: 1_040,
  durationMs: 1.5,
  requestHeaders: {},
  response: { status: 200, headers: {}, body: 'Žoë\n\0\uD83D', bodyTruncated: false },
  error: null,
}
const delivered: DeliveryOutcome = { ...of, outcome: { type: 'delivered' }, attempt, traceparent: '00-1-2-01' }
const failed: DeliveryOutcome = {
  ...of,
  outcome: { type: 'retry', at: 2_000 },
  attempt: { ...attempt, response: null, error: { code: 'timeout', message: 'None came.' } },
}
const deferred: DeliveryOutcome = { ...of, outcome: { type: 'deferred', at: 2_000, reason: 'paused' }, attempt: null }

const messageOf = (...outcomes: DeliveryOutcome[]) => outcomeMessage(outcomes.map(outcomeLines))
const before = (...outcomes: DeliveryOutcome[]) => Buffer.from(JSON.stringify(outcomes))

test.each([
  ['in lines', messageOf],
  ['whole, as before', before],
])('outcomes %s are read as they were written', (_name, write) => {
  const outcomes = [delivered, deferred, failed]
  const read = readOutcomes(write(...outcomes))
  expect(read.map(({ head }) => head)).toEqual([
    { ...delivered, attempt: { id: 'att_1', number: 3, status: 200, error: null } },
    deferred,
    { ...failed, attempt: { id: 'att_1', number: 3, status: null, error: failed.attempt?.error } },
  ])
  const attempts = read.map(({ attempt: line }) => line && (JSON.parse(Buffer.from(line).toString('utf8')) as unknown))
  expect(attempts).toEqual(outcomes.map(({ attempt: made }) => made))
})

test('no outcomes are a message, too', () => {
  expect(readOutcomes(messageOf())).toEqual([])
})

test('a message is as long as its lines say, not being ASCII either', () => {
  const lines = [delivered, deferred, failed].map(outcomeLines)
  const { length } = outcomeMessage(lines)
  expect(length).toBe(lines.reduce((sum, { bytes }) => sum + bytes, 2))
  expect(outcomeMessage(lines).toString()).toMatch(/^\[\{.*\}\]\n\{.*\}\n\{.*\}\n$/)
})

test.each([
  ['nothing', ''],
  ['no JSON', 'outcomes'],
  ['no outcomes', '[{"deliveryId":"dlv_1"}]\n'],
  ['an attempt too few', `[${outcomeLines(delivered).head}]\n`],
  ['an attempt too many', `${messageOf(deferred).toString()}{}\n`],
])('%s is refused', (_name, text) => {
  expect(() => readOutcomes(Buffer.from(text))).toThrow(Error)
})
