import { createHmac } from 'node:crypto'
import { Profile, type ProfileDocument } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { compileProfile, type CompiledProfile } from './compile.ts'
import type { Secret } from './compile-signatures.ts'
import { createRenderer, type RendererOptions } from './create-renderer.ts'
import { facts } from '../test/given-facts.ts'
import { shippedProfiles } from './shipped.ts'

const profileWith = (changes: Partial<ProfileDocument>): Profile =>
  Profile.parse({
    name: 'mine',
    eventTypes: [{ name: 'deposit.settled' }],
    signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }],
    ...changes,
  })

const secrets = { subscription: [{ text: 's' }] }
const render = (changes: Partial<ProfileDocument>, options: Partial<RendererOptions> = {}, changed = {}) =>
  createRenderer({ profile: compileProfile(profileWith(changes)), secrets, ...options })({ ...facts, ...changed })

test('signed content may mix placeholders and text', () => {
  const { headers } = render({
    signatures: [
      {
        header: 'X-Signature',
        algorithm: 'hmac-sha512',
        encoding: 'base64',
        prefix: 'v0=',
        content: '{event.id}.{timestamp}.{body}',
      },
    ],
  })
  const expected = createHmac('sha512', 's').update(`evt_1.1738420300.${facts.payload.toString()}`).digest('base64')
  expect(headers['x-signature']).toBe(`v0=${expected}`)
})

test.each([
  ['{tenant}', 'lumire'],
  ['{event.id}', 'evt_1'],
  ['{event.type}', 'deposit.settled'],
  ['{event.time.iso}', '2025-02-01T14:30:00.123Z'],
  ['{event.time.isoSeconds}', '2025-02-01T14:30:00Z'],
  ['{event.time.epoch}', '1738420200'],
  ['{event.time.epochMs}', '1738420200123'],
  ['{delivery.id}', 'dlv_1'],
  ['{attempt}', '2'],
  ['{timestamp}', '1738420300'],
  ['constant', 'constant'],
  ['', ''],
  ['{event.id}/{attempt}', 'evt_1/2'],
])('a header %s becomes %s', (template, expected) => {
  expect(render({ headers: { 'X-A': template } }).headers['x-a']).toBe(expected)
})

test.each([
  ['{"a":"{event.id}","n":{attempt},"b":{payload}}', '{"a":"evt_1","n":2,"b":{ "amount": 10.00 }}'],
  ['{ "data": {payload}, "meta": {} }', '{ "data": { "amount": 10.00 }, "meta": {} }'],
  ['[{payload},{payload}]', '[{ "amount": 10.00 },{ "amount": 10.00 }]'],
  ['{"event":{"at":{event.time.epochMs}}}', '{"event":{"at":1738420200123}}'],
])('an envelope %s is filled in', (envelope, expected) => {
  expect(Buffer.from(render({ body: { envelope } }).body).toString()).toBe(expected)
})

test('values are escaped in an envelope, and bytes of the payload never touched', () => {
  const payload = Buffer.from([0x22, 0xf0, 0x9f, 0x92, 0xb6, 0x5c, 0x75, 0x30, 0x30, 0x65, 0x39, 0x22])
  const { body } = render(
    { body: { envelope: '{"t":"{event.type}","d":{payload}}' } },
    {},
    { payload, eventType: 'a"b\\\n' },
  )
  expect(
    Buffer.from(body).equals(Buffer.concat([Buffer.from('{"t":"a\\"b\\\\\\n","d":'), payload, Buffer.from('}')])),
  ).toBe(true)
})

test('lead, prefix and separator put a header together', () => {
  const document: Partial<ProfileDocument> = {
    signatures: [
      {
        header: 'Stripe-Signature',
        algorithm: 'hmac-sha256',
        encoding: 'hex',
        content: '{timestamp}.{body}',
        lead: 't={timestamp},',
        prefix: 'v1=',
        separator: ',',
      },
    ],
  }
  const signed = (secret: string): string =>
    createHmac('sha256', secret).update(`1738420300.${facts.payload.toString()}`).digest('hex')
  expect(render(document).headers['stripe-signature']).toBe(`t=1738420300,v1=${signed('s')}`)
  const rotating = { secrets: { subscription: [{ text: 's' }, { text: 'old', untilMs: facts.nowMs + 1 }] } }
  expect(render(document, rotating).headers['stripe-signature']).toBe(
    `t=1738420300,v1=${signed('s')},v1=${signed('old')}`,
  )
})

test('a secret that was replaced signs until its time is over, and not at all without a separator', () => {
  const signatures = (separator: string) => [
    { header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex', separator } as const,
  ]
  const count = (separator: string, untilMs: number): number | undefined =>
    render(
      { signatures: signatures(separator) },
      { secrets: { subscription: [{ text: 'new' }, { text: 'old', untilMs }] } },
    ).headers['x-signature']?.split(' ').length
  expect(count(' ', facts.nowMs + 1)).toBe(2)
  expect(count(' ', facts.nowMs)).toBe(1)
  expect(count('', facts.nowMs + 1)).toBe(1)
})

test('custom headers come along, but replace none of ours', () => {
  const customHeaders = {
    'X-Mine': 'yes',
    'x-signature': 'forged',
    'Content-Type': 'text/plain',
    'X-EVENT': 'forged',
    'User-Agent': 'forged',
  }
  const { headers } = render({ headers: { 'X-Event': '{event.type}' } }, { customHeaders })
  expect(headers).toMatchObject({
    'x-mine': 'yes',
    'content-type': 'application/json',
    'user-agent': 'Jethook/1',
    'x-event': 'deposit.settled',
    'x-signature': createHmac('sha256', 's').update(facts.payload).digest('hex'),
  })
  expect(Object.keys(headers)).toHaveLength(5)
})

test('a second profile adds its headers and signatures with the same secret; the body stays', () => {
  const standard = compileProfile(shippedProfiles.get('standard') as Profile)
  const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
  const { headers, body } = render({}, { alsoSignAs: [standard], secrets: { subscription: [{ text: secret }] } })
  expect(body).toBe(facts.payload)
  expect(headers).toEqual({
    'content-type': 'application/json',
    'user-agent': 'Jethook/1',
    'x-signature': createHmac('sha256', secret).update(facts.payload).digest('hex'),
    'webhook-id': 'evt_1',
    'webhook-timestamp': '1738420300',
    'webhook-signature': `v1,${createHmac('sha256', Buffer.alloc(24, 1)).update(`evt_1.1738420300.${facts.payload.toString()}`).digest('base64')}`,
  })
})

test('a secret of another form signs with its own bytes, and a private key signs nothing but its own scheme', () => {
  const standard = compileProfile(shippedProfiles.get('standard') as Profile)
  const other = render({}, { alsoSignAs: [standard], secrets: { subscription: [{ text: 'lum_whsec_00ff' }] } }).headers
  const content = `evt_1.1738420300.${facts.payload.toString()}`
  expect(other['webhook-signature']).toBe(
    `v1,${createHmac('sha256', 'lum_whsec_00ff').update(content).digest('base64')}`,
  )

  const privateKey = `whsk_${Buffer.alloc(64, 7).toString('base64')}`
  expect(() => render({}, { alsoSignAs: [standard], secrets: { subscription: [{ text: privateKey }] } })).toThrow(
    "The profile mine signs with the subscription's secret, and there is none that it can use.",
  )
})

test('nothing is rendered as long as any of the profiles has nothing to sign with', () => {
  const [standard, luminSign] = ['standard', 'lumin-sign'].map((name) =>
    compileProfile(shippedProfiles.get(name) as Profile),
  ) as [CompiledProfile, CompiledProfile]
  const withoutKey = /^The profile lumin-sign signs with the tenant's primary API key or .*, and there is none/
  const rendering = (profile: CompiledProfile, other: CompiledProfile, account: Secret[]) => () =>
    createRenderer({ profile, alsoSignAs: [other], secrets: { ...secrets, account } })(facts).headers
  expect(rendering(luminSign, standard, [])).toThrow(withoutKey)
  expect(rendering(standard, luminSign, [])).toThrow(withoutKey)
  expect(rendering(luminSign, standard, [{ text: 'key' }])()).toMatchObject({
    'x-signature': createHmac('sha256', 'key').update(facts.payload).digest('hex'),
    'webhook-signature': expect.stringMatching(/^v1,/) as string,
  })
})

test('a secret that was replaced is not enough to sign with: its time will be over', () => {
  const subscription = [
    { text: `whsk_${Buffer.alloc(64, 7).toString('base64')}` },
    { text: 'old', untilMs: facts.nowMs + 1 },
  ]
  const standard = compileProfile(shippedProfiles.get('standard') as Profile)
  expect(() => render({}, { alsoSignAs: [standard], secrets: { subscription } })).toThrow(/none that it can use/)
})

test('constant headers are not rendered again', () => {
  expect(compileProfile(profileWith({ headers: { 'X-A': 'a' } })).constantHeaders).toMatchObject({ 'x-a': 'a' })
})

test.each([
  ['2xx', 200, true],
  ['2xx', 204, true],
  ['2xx', 302, false],
  ['2xx', 500, false],
  ['200', 200, true],
  ['200', 204, false],
] as const)('success rule %s: status %i is success: %s', (success, status, expected) => {
  expect(compileProfile(profileWith({ success })).isSuccess(status)).toBe(expected)
})
