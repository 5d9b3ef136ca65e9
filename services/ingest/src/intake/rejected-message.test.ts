import { expect, test } from 'vitest'
import type { Submission } from '../accept/submission.ts'
import { rejectedMessage } from './rejected-message.ts'

const maxMessageBytes = 1_048_576

function rejected(changes: Partial<Submission>, reason = 'Why.') {
  const submission: Submission = {
    tenant: 'lumire',
    eventType: 'x',
    producerId: undefined,
    payload: Buffer.from('{}'),
    ...changes,
  }
  const read = {
    name: '1/2',
    arrivedAtMs: 1,
    submission,
    headersReadable: true,
    trace: {},
    onlySubscription: undefined,
  }
  return rejectedMessage(read, { code: 'unknown_event_type', reason }, maxMessageBytes)
}

test.each([
  ['lumire', 'deposit.settled', 'rejected.lumire.deposit.settled'],
  ['no-such-tenant', 'x', 'rejected.no-such-tenant.x'],
  ['lumire', '', 'rejected.lumire.~'],
  ['lumire', '*', 'rejected.lumire.~'],
  ['lumire', 'deposit.>', 'rejected.lumire.deposit.~'],
  ['lumire', 'é.ö', 'rejected.lumire.~.~'],
  ['lumire', '..a..', 'rejected.lumire.~.a.~'],
  // Not a tenant's name, so it must not be listed as a tenant's.
  ['Lumire', 'x', 'rejected.~Lumire.x'],
  ['*', 'x', 'rejected.~~.x'],
  ['', 'x', 'rejected.~.x'],
  ['no-tenant-has-this-name_', 'none', 'rejected.~no-tenant-has-this-name~.none'],
])('tenant %j and event type %j go to %s', (tenant, eventType, subject) => {
  expect(rejected({ tenant, eventType }).subject).toBe(subject)
})

test('no subject is longer than a server takes, nor mistaken for that of a shorter name', () => {
  const { subject } = rejected({ tenant: 'a'.repeat(3_000), eventType: 'b'.repeat(3_000) })
  expect(subject).toMatch(/^rejected\.~a{63}\.b{128}$/)
})

test('a payload that does not fit is cut, and its size noted', () => {
  const { payload, headers } = rejected({ payload: Buffer.alloc(maxMessageBytes, 'x') }, 'y'.repeat(100_000))
  expect(headers.get('Jethook-Original-Size')).toBe(String(maxMessageBytes))
  expect(payload.length).toBeGreaterThan(1_000_000)
  const headerLength = [...headers].flat(2).join(': \r\n').length
  expect(payload.length + headerLength).toBeLessThan(maxMessageBytes)
})

test('what cannot stand in a header is replaced', () => {
  const { headers } = rejected({ producerId: 'a\r\nb' }, 'line\nbreak')
  expect(headers.get('Jethook-Event-Id')).toBe('a  b')
  expect(headers.get('Jethook-Rejected-Reason')).toBe('line break')
  expect(headers.get('Jethook-Original-Size')).toBe('')
})
