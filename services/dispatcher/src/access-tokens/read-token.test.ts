import { expect, test } from 'vitest'
import { readToken } from './read-token.ts'

test.each<[body: string, token: string | undefined, lifeMs?: number]>([
  ['{"access_token":"abc","token_type":"Bearer","expires_in":60}', 'abc', 60_000],
  ['{"access_token":"abc","token_type":"bearer","expires_in":"60"}', 'abc', 60_000],
  ['{"access_token":"abc"}', 'abc', 300_000],
  ['{"access_token":"abc","expires_in":null}', 'abc', 300_000],
  ['{"access_token":"abc","expires_in":1e9}', 'abc', 86_400_000],
  ['{"access_token":"abc","expires_in":-1}', undefined],
  ['{"access_token":"abc","token_type":"mac"}', undefined],
  ['{"access_token":"a b"}', undefined],
  ['{"access_token":""}', undefined],
  ['{"access_token":1}', undefined],
  ['[]', undefined],
  ['no JSON', undefined],
  ['', undefined],
])('%s', (body, token, lifeMs) => {
  expect(readToken(body)).toEqual(token === undefined ? undefined : { token, lifeMs })
})
