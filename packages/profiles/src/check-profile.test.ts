import { Profile, type ProfileDocument } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { checkProfile } from './check-profile.ts'
import { validatePayload } from './validate-payload.ts'

const signature = { header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' } as const
const document: ProfileDocument = { name: 'mine', eventTypes: [{ name: 'a' }], signatures: [signature] }

/** Paths and messages, from both checks, as the API has them. */
function problemsOf(changes: object): Record<string, string> {
  const parsed = Profile.safeParse({ ...document, ...changes })
  if (parsed.success) return Object.fromEntries(checkProfile(parsed.data).map(({ field, message }) => [field, message]))
  return Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.'), message]))
}

test('a small document is enough', () => {
  expect(problemsOf({})).toEqual({})
})

test.each<[object, string, RegExp]>([
  [
    { signatures: [{ ...signature, content: '{event.name}.{body}' }] },
    'signatures.0.content',
    /unknown placeholder \{event\.name\}; there are \{tenant\}, /,
  ],
  [{ signatures: [{ ...signature, content: '{body }' }] }, 'signatures.0.content', /unknown placeholder \{body \}/],
  [{ signatures: [{ ...signature, lead: 't={timestamp}' }] }, 'signatures.0.lead', /must end with the separator/],
  [{ signatures: [{ ...signature, algorithm: 'ed25519' }] }, 'signatures.0.secretEncoding', /must be base64 or hex/],
  [{ signatures: [{ ...signature, algorithm: 'md5' }] }, 'signatures.0.algorithm', /expected one of/],
  [{ signatures: [signature, { ...signature, separator: ' ' }] }, 'signatures.1.header', /is shared/],
  [{ signatures: [] }, 'signatures', /expected array to have >=1/],
  [{ headers: { 'X-A': '{payload}' } }, 'headers.X-A', /unknown placeholder \{payload\}/],
  [{ headers: { 'X-A': 'a\r\nX-B: b' } }, 'headers.X-A', /printable ASCII without line breaks/],
  [{ headers: { 'X-A': 'a', 'x-a': 'b' } }, 'headers', /must not name a header twice/],
  [{ headers: { 'X-Signature': 'a' } }, 'signatures.0.header', /is among headers, too/],
  [{ headers: { 'User-Agent': 'a' } }, 'headers.User-Agent', /is what userAgent is for/],
  [{ signatures: [{ ...signature, header: 'Content-Length' }] }, 'signatures.0.header', /cannot be chosen/],
  [{ body: { envelope: '{"id":{event.id}}' } }, 'body.envelope', /does not become JSON/],
  [{ body: { envelope: '{"data":"{payload}"}' } }, 'body.envelope', /does not become JSON/],
  [{ body: { envelope: '{"data":{data}}' } }, 'body.envelope', /unknown placeholder \{data\}/],
  [{ body: { envelope: '[{payload},{payload}]' } }, 'body.envelope', /\{payload\} more than once/],
  [{ signatures: [{ ...signature, content: '{body}.{body}' }] }, 'signatures[0].content', /\{body\} more than once/],
  [{ headers: { 'X-A': 'a'.repeat(4_096), 'X-B': 'b'.repeat(4_096) } }, 'headers', /at most 8192 characters/],
  [{ headers: { 'X-A': '{event.id}'.repeat(64) } }, 'headers', /at most 8192 characters/],
  [{ body: { envelope: `["${'{event.id}'.repeat(256)}"]` } }, 'body.envelope', /at most 32768 characters/],
  [{ eventTypes: [] }, 'eventTypes', /at least one event type/],
  [{ eventTypes: [{ name: 'a' }, { name: 'a' }] }, 'eventTypes.1.name', /stands there twice/],
  [{ eventTypes: [{ name: 'a' }, { name: 'a b' }] }, 'eventTypes.1.name', /must be letters/],
  [{ limits: { singleInstance: ['b'] } }, 'limits.singleInstance.0', /is not in eventTypes/],
  [{ retry: { delaysMs: [-1] } }, 'retry.delaysMs.0', />=0/],
  [{ signatures: [{ ...signature, secretEncoding: 'base64' }] }, 'secret.encoding', /must be base64/],
  [{ version: 2 }, 'version', /expected 1/],
  [{ colour: 'red' }, '', /Unrecognized key: "colour"/],
])('%j is refused at %s', (changes, path, message) => {
  expect(problemsOf(changes)).toEqual({ [path]: expect.stringMatching(message) as string })
})

test.each<[object, string, RegExp]>([
  [
    { type: 'object', properties: { amount: { type: 'numbr' } } },
    'eventTypes[0].schema.properties.amount.type',
    /one of the allowed values/,
  ],
  [{ requried: ['amount'] }, 'eventTypes[0].schema', /unknown keyword: "requried"/],
  [{ $ref: 'https://example.com/schema.json' }, 'eventTypes[0].schema', /can't resolve reference/],
  [{ type: 'string', pattern: '(?=a)' }, 'eventTypes[0].schema', /error parsing regexp/],
  [{ $async: true }, 'eventTypes[0].schema.$async', /not part of JSON Schema/],
])('the JSON Schema %j is refused at %s', (schema, path, message) => {
  expect(problemsOf({ eventTypes: [{ name: 'a', schema }] })).toEqual({
    [path]: expect.stringMatching(message) as string,
  })
})

const priced = Profile.parse({
  ...document,
  eventTypes: [
    {
      name: 'order.paid',
      schema: {
        $id: 'order',
        type: 'object',
        required: ['lines'],
        properties: {
          lines: { type: 'array', items: { $ref: '#/$defs/line' }, uniqueItems: true },
          code: { type: 'string', pattern: '^(a+)+$' },
        },
        $defs: {
          line: { type: 'object', properties: { amount: { type: 'number' }, currency: { enum: ['EUR', 'USD'] } } },
        },
      },
    },
    { name: 'order.note', schema: { $id: 'order', type: 'string', pattern: '^b$' } },
    { name: 'order.other' },
  ],
})

test.each([
  ['order.paid', { lines: [{ amount: 1, currency: 'EUR' }] }, undefined],
  ['order.paid', { lines: [{ amount: 1 }, { amount: '2' }] }, { path: 'lines[1].amount', message: 'must be number' }],
  [
    'order.paid',
    { lines: [{ currency: 'GBP' }] },
    { path: 'lines[0].currency', message: 'must be equal to one of the allowed values: ["EUR","USD"]' },
  ],
  ['order.paid', {}, { path: '', message: "must have required property 'lines'" }],
  [
    'order.paid',
    {
      lines: [
        { amount: 1, currency: 'EUR' },
        { currency: 'EUR', amount: 1 },
      ],
    },
    { path: 'lines', message: 'must not have duplicate items' },
  ],
  ['order.paid', { lines: [], code: `${'a'.repeat(30)}!` }, { path: 'code', message: 'must match pattern "^(a+)+$"' }],
  ['order.note', 'b', undefined],
  ['order.note', 'a', { path: '', message: 'must match pattern "^b$"' }],
  ['order.other', 'anything', undefined],
])('%s with %j: %j', (eventType, payload, expected) => {
  expect(validatePayload(priced, eventType, payload)).toEqual(expected)
})

test('a payload that a recursive schema cannot be followed through is refused', () => {
  const nested = Profile.parse({
    ...document,
    eventTypes: [
      { name: 'a', schema: { $defs: { n: { type: 'array', items: { $ref: '#/$defs/n' } } }, $ref: '#/$defs/n' } },
    ],
  })
  const payload: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
  expect(validatePayload(nested, 'a', payload)).toEqual({ path: '', message: 'is nested too deeply' })
})
