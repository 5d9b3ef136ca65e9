import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Vector, VectorFile } from '../vectors/source/vector-file.ts'
import { createVerifier } from './index.ts'
import { bigNumbers, oddSpacing, plain, unicode } from '../vectors/source/bodies.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const nextSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const now = new Date('2026-11-21T12:00:00Z')

// Theirs read the clock.
beforeEach(() => vi.useFakeTimers({ now, toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

const libraries = [
  { profile: 'standard', prefix: 'webhook', Webhook: StandardWebhook },
  { profile: 'svix', prefix: 'svix', Webhook: SvixWebhook },
] as const

describe.each(libraries)('the published $prefix library', ({ profile, prefix, Webhook }) => {
  const headersOf = (signature: string) => ({
    [`${prefix}-id`]: 'msg_1',
    [`${prefix}-timestamp`]: String(now.getTime() / 1_000),
    [`${prefix}-signature`]: signature,
  })

  test.each([plain, oddSpacing, unicode, bigNumbers])('signs %j, and we verify it', async (body) => {
    const verifier = createVerifier({ profile, secret })
    const signed = { headers: headersOf(new Webhook(secret).sign('msg_1', now, body)), body }
    expect(await verifier.verify(signed)).toMatchObject({ id: 'msg_1', text: body, timestamp: now })
    await expect(verifier.verify({ ...signed, body: `${body} ` })).rejects.toMatchObject({ code: 'signature_mismatch' })
  })

  test('signs with both secrets of a rotation, and receivers with either verify it', async () => {
    const both = [secret, nextSecret].map((one) => new Webhook(one).sign('msg_1', now, plain)).join(' ')
    for (const one of [secret, nextSecret]) {
      const event = await createVerifier({ profile, secret: one }).verify({ headers: headersOf(both), body: plain })
      expect(event.id).toBe('msg_1')
    }
  })

  const { vectors } = JSON.parse(
    readFileSync(join(import.meta.dirname, `../vectors/${profile}.json`), 'utf8'),
  ) as VectorFile
  test.each(vectors.filter(isComparable))('agrees about "$name"', (vector) => {
    vi.setSystemTime(vector.now * 1_000)
    const verify = (): unknown => new Webhook(vector.secrets[0] ?? '').verify(vector.body ?? '', vector.headers)
    if ('event' in vector.expect) expect(verify).not.toThrow()
    else expect(verify).toThrow(/./)
  })
})

/** They know one secret, no ed25519 and no other tolerance, throw for a body that is not JSON, and read a time as far as it goes. */
function isComparable({ name, secrets, toleranceSeconds, body = '', expect: expected }: Vector): boolean {
  if (secrets.length !== 1 || !secrets[0]?.startsWith('whsec_') || toleranceSeconds !== undefined) return false
  if ('error' in expected) return expected.error !== 'malformed_secret' && name !== 'the timestamp "1614265330abc"'
  return body.startsWith('{')
}
