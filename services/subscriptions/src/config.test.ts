import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const environment = {
  NATS_URL: 'nats://127.0.0.1:4222',
  DATABASE_URL: 'postgres://jethook@127.0.0.1/jethook',
  OPERATOR_KEY: 'sixteen or more characters',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
}

test('the least that must be set is enough', () => {
  expect(readConfig(environment)).toMatchObject({ ...environment, PORT: 4000, HOST: '0.0.0.0' })
})

test.each([
  ['OPERATOR_KEY', 'short', /^OPERATOR_KEY is not usable: it must have at least 16 characters/],
  ['ENCRYPTION_KEYS', 'k1:c2hvcnQ=', /^ENCRYPTION_KEYS is not usable: it must be <key id>:<base64 of 32 random bytes>/],
  ['DATABASE_URL', 'localhost', /^DATABASE_URL is not usable: it must look like postgres:\/\//],
  ['DATABASE_URL', '', /^DATABASE_URL is not set, and has no default\.$/],
])('%s=%s stops the start with one clear sentence', (name, value, sentence) => {
  expect(() => readConfig({ ...environment, [name]: value })).toThrow(sentence)
})
