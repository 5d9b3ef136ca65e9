import { Configuration } from '@jethook/configuration'
import { expect, test } from 'vitest'
import type { Submission } from './submission.ts'
import { validateEvent } from './validate-event.ts'
import { validateJson } from './validate-json.ts'

const configuration = new Configuration()
const created = { type: 'TenantCreated', at: 0, by: 'operator', name: '' } as const
configuration.apply({ ...created, tenant: 'lumire', profile: 'lumirecrm' }, 1)
configuration.apply({ ...created, tenant: 'newer', profile: 'of-a-newer-version' }, 2)

const valid: Submission = {
  tenant: 'lumire',
  eventType: 'deposit.settled',
  producerId: undefined,
  payload: Buffer.alloc(100),
}
const validate = (changes: Partial<Submission>) => validateEvent({ ...valid, ...changes }, configuration, 100)

test.each([
  ['an event of the catalogue', {}],
  ['the test event', { eventType: 'webhook.test' }],
  ['a user', { user: 'user_91@example.com' }],
  ['an id of the producer', { producerId: 'order:1@eu~x=y.z_A-1' }],
])('%s is valid', (_what, changes) => {
  expect(validate(changes)).toBeUndefined()
})

test.each([
  ['unknown_tenant', { tenant: 'nobody' }, /no tenant "nobody"/],
  ['unknown_tenant', { tenant: '' }, /no tenant ""/],
  ['unknown_profile', { tenant: 'newer' }, /of-a-newer-version/],
  ['unknown_event_type', { eventType: 'deposit.lost' }, /"deposit\.lost" is not in the catalogue of tenant lumire/],
  ['invalid_event_type', { eventType: '' }, /must be letters/],
  ['invalid_event_type', { eventType: 'deposit.*' }, /must be letters/],
  ['invalid_event_type', { eventType: 'x'.repeat(1_000) }, /"x{100}…"/],
  ['invalid_event_id', { producerId: '' }, /must be 1 to 128/],
  ['invalid_event_id', { producerId: 'a b' }, /must be 1 to 128/],
  ['invalid_request', { user: 'Jane Doe' }, /The user "Jane Doe" must be 1 to 256/],
  ['payload_too_large', { payload: Buffer.alloc(101) }, /101 bytes; at most 100/],
] as const)('%s', (code, changes, reason) => {
  expect(validate(changes)).toEqual({ code, reason: expect.stringMatching(reason) })
})

test.each(['{}', ' [1, 2]\n', '"é"', '12345678901234567890', 'null', '"\\ud800"'])('%s is JSON', (text) => {
  expect(validateJson(Buffer.from(text))).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['half of an object', '{"a":'],
  ['two values', '1 2'],
  ['single quotes', "{'a':1}"],
  ['a byte order mark', '\ufeff{}'],
  ['NaN', 'NaN'],
])('%s is not JSON', (_what, text) => {
  expect(validateJson(Buffer.from(text))).toMatchObject({ code: 'invalid_json' })
})

test('bytes that are not UTF-8 are not JSON', () => {
  expect(validateJson(Buffer.from([0x22, 0xe9, 0x22]))).toEqual({
    code: 'invalid_json',
    reason: 'The payload is not UTF-8.',
  })
})
