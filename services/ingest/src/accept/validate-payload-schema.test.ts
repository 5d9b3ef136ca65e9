import { Configuration } from '@jethook/configuration'
import { Profile } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { validatePayloadSchema } from './validate-payload-schema.ts'

const about = { tenant: 'acme', at: 0, by: 'operator' }
const documentWith = (type: string) =>
  Profile.parse({
    name: 'orders',
    eventTypes: [
      { name: 'order.paid', schema: { properties: { lines: { items: { properties: { amount: { type } } } } } } },
      { name: 'order.noted' },
      { name: 'order.listed', schema: { additionalProperties: { type: 'number' } } },
      { name: 'order.closed', schema: { additionalProperties: false } },
    ],
    signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }],
  })

const configuration = new Configuration()
configuration.apply({ type: 'TenantCreated', ...about, name: '', profile: 'orders' }, 1)
configuration.apply({ type: 'ProfileCreated', ...about, name: 'orders', document: documentWith('number') }, 2)

const validate = (eventType: string, payload: string) =>
  validatePayloadSchema(
    { tenant: 'acme', eventType, producerId: undefined, payload: Buffer.from(payload) },
    configuration,
  )

test.each([
  ['order.paid', '{"lines":[{"amount":1}]}'],
  ['order.noted', '{"lines":[{"amount":"1"}]}'],
  ['webhook.test', '{"lines":[{"amount":"1"}]}'],
])('%s may have the payload %s', (eventType, payload) => {
  expect(validate(eventType, payload)).toBeUndefined()
})

test('a payload that breaks the schema is rejected with the path', () => {
  expect(validate('order.paid', '{"lines":[{"amount":1},{"amount":"1"}]}')).toEqual({
    code: 'payload_invalid',
    reason: 'payload.lines[1].amount must be number, says the schema of order.paid (profile orders).',
    field: 'payload.lines[1].amount',
  })
})

test.each(['order.listed', 'order.closed'])('of a very long name the beginning is told: %s', (eventType) => {
  const rejection = validate(eventType, `{"${'x'.repeat(100_000)}":"1"}`)
  expect(rejection).toMatchObject({ code: 'payload_invalid', field: expect.stringMatching(/^payload/) })
  expect(rejection?.reason.length).toBeLessThan(500)
})

test('a changed profile counts from then on', () => {
  configuration.apply({ type: 'ProfileUpdated', ...about, name: 'orders', document: documentWith('string') }, 3)
  expect(validate('order.paid', '{"lines":[{"amount":1}]}')).toMatchObject({ code: 'payload_invalid' })
  expect(validate('order.paid', '{"lines":[{"amount":"1"}]}')).toBeUndefined()
})
