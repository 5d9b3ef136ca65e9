import type { DomainEvent } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { authenticate, hashApiKey } from './authenticate.ts'
import { Configuration } from './configuration.ts'

const created = (keyId: string, key: string): DomainEvent => ({
  type: 'ApiKeyCreated',
  tenant: 'acme',
  at: 1,
  by: 'operator',
  keyId,
  name: keyId,
  role: 'admin',
  hash: hashApiKey(key),
  hint: '',
})

function configurationWith(...headers: string[]): Configuration {
  const configuration = new Configuration()
  configuration.apply(created('key_1', 'one'), 1)
  configuration.apply(created('key_2', 'two'), 2)
  return Object.defineProperty(configuration, 'keyHeaders', { value: new Set(headers) })
}

test.each([
  [{ 'x-api-key': 'one' }, 'key_1'],
  [{ authorization: 'Bearer two' }, 'key_2'],
  [{ 'x-mine': 'one' }, 'key_1'],
  [{ 'x-mine': 'an ordinary header elsewhere', 'x-api-key': 'two' }, 'key_2'],
  // The usual ones count first.
  [{ 'x-mine': 'one', 'x-api-key': 'two' }, 'key_2'],
  [{ 'x-mine': 'two', authorization: 'Bearer one' }, 'key_1'],
])('%j is %s', (headers, keyId) => {
  expect(authenticate(configurationWith('x-mine'), headers)).toMatchObject({ keyId })
})

test('a key in a header that no profile names is none', () => {
  expect(() => authenticate(configurationWith('x-mine'), { 'x-other': 'one' })).toThrow(/Send an API key/)
})

test('however many headers profiles have named, only those of the request are looked at', () => {
  const configuration = configurationWith(...Array.from({ length: 10_000 }, (_, nth) => `x-key-${nth}`))
  let looks = 0
  const headers = new Proxy<Record<string, string>>(
    { host: 'localhost', 'x-key-7': 'one' },
    {
      get: (sent, name) => {
        looks++
        return Reflect.get(sent, name) as unknown
      },
    },
  )
  expect(authenticate(configuration, headers)).toMatchObject({ keyId: 'key_1' })
  expect(looks).toBeLessThan(10)
})
