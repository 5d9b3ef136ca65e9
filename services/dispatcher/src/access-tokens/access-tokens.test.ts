import type { EgressAgent } from '@jethook/egress'
import { expect, test } from 'vitest'
import { createAccessTokens } from './access-tokens.ts'
import type { OAuth2Client } from './request-token.ts'

const agent = {} as EgressAgent
const oauth2 = { identity: {} } as OAuth2Client

function tokensAt(lifeMs: number) {
  const clock = { now: 0 }
  const asked: (() => void)[] = []
  const tokens = createAccessTokens(
    () => clock.now,
    () => new Promise((resolve) => asked.push(() => resolve({ token: `t${asked.length}`, lifeMs }))),
  )
  const get = () => tokens.get(oauth2, agent, 1_000)
  const answer = (): void => asked.at(-1)?.()
  return { clock, asked, tokens, get, answer }
}

test('those who ask at the same time share one fetch', async () => {
  const { asked, get, answer } = tokensAt(3_600_000)
  const given = Promise.all([get(), get(), get()])
  answer()
  expect(await given).toEqual([1, 2, 3].map(() => ({ token: 't1', isNew: true })))
  expect(asked).toHaveLength(1)
  expect(await get()).toEqual({ token: 't1', isNew: false })
})

test.each([
  [3_600_000, 3_570_000],
  [40_000, 20_000],
])('a token that lives for %d ms is used for %d ms', async (lifeMs, usableMs) => {
  const { clock, asked, get, answer } = tokensAt(lifeMs)
  const first = get()
  answer()
  await first
  clock.now = usableMs - 1
  expect(await get()).toEqual({ token: 't1', isNew: false })
  clock.now = usableMs
  const second = get()
  answer()
  expect(await second).toEqual({ token: 't2', isNew: true })
  expect(asked).toHaveLength(2)
})

test('a token that is forgotten is fetched again, unless that has happened already', async () => {
  const { asked, tokens, get, answer } = tokensAt(3_600_000)
  const first = get()
  answer()
  await first
  tokens.forget(oauth2, 't1')
  const second = get()
  answer()
  await second
  tokens.forget(oauth2, 't1')
  expect(await get()).toEqual({ token: 't2', isNew: false })
  expect(asked).toHaveLength(2)
})

test('who cannot wait any longer gets an error; the fetch goes on for the others', async () => {
  const { asked, tokens, get, answer } = tokensAt(3_600_000)
  expect(await tokens.get(oauth2, agent, 1)).toMatchObject({ error: { code: 'token_endpoint_timeout' } })
  const other = get()
  answer()
  expect(await other).toEqual({ token: 't1', isNew: true })
  expect(asked).toHaveLength(1)
})

test('who comes when a fetch has gone on for longer than it would wait itself does not count on that one', async () => {
  const { clock, asked, get, answer } = tokensAt(3_600_000)
  void get()
  clock.now = 999
  void get()
  expect(asked).toHaveLength(1)
  clock.now = 1_000
  const later = get()
  expect(asked).toHaveLength(2)
  answer()
  expect(await later).toEqual({ token: 't2', isNew: true })
  expect(await get()).toEqual({ token: 't2', isNew: false })
})

test('a failure is not remembered', async () => {
  const results = [{ error: { code: 'token_endpoint_failed', message: 'no' } }, { token: 't', lifeMs: 60_000 }]
  const tokens = createAccessTokens(
    () => 0,
    async () => results.shift() ?? { token: 'another', lifeMs: 0 },
  )
  expect(await tokens.get(oauth2, agent, 1_000)).toHaveProperty('error')
  expect(await tokens.get(oauth2, agent, 1_000)).toEqual({ token: 't', isNew: true })
})

test('a fetch that could not even be made is made again the next time', async () => {
  let fetches = 0
  const tokens = createAccessTokens(
    () => 0,
    () => {
      fetches++
      return Promise.reject(new Error('unexpected'))
    },
  )
  for (const nth of [1, 2]) {
    await expect(tokens.get(oauth2, agent, 1_000)).rejects.toThrow('unexpected')
    expect(fetches).toBe(nth)
  }
})
