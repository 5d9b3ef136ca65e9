import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Vector, VectorFile } from '../vectors/source/vector-file.ts'
import { createVerifier, WebhookVerificationError, type VerifiedEvent } from './index.ts'
import type { VerificationProfile } from './profile/profile.ts'
import type { ProfileName } from './profile/shipped-profiles.ts'

type Profile = ProfileName | VerificationProfile

const folder = join(import.meta.dirname, '../vectors')
const files = globSync('*.json', { cwd: folder }).toSorted().map(readVectors)

test('there are vectors for every shipped profile and for schemes that only a document describes', () => {
  const profiles = files.map(({ profile }) => (typeof profile === 'string' ? profile : 'described'))
  expect([...new Set(profiles)].toSorted()).toEqual(
    ['described', 'lucra', 'lumin-sign', 'lumirecrm', 'lumoauth', 'standard', 'svix'].toSorted(),
  )
})

describe.each(files)('vectors/$file', ({ profile, vectors }) => {
  test.each(vectors)('$name', async (vector) => {
    expect(await outcomeOf(profile as Profile, vector)).toEqual(vector.expect)
  })
})

test('svix and standard accept the header names of each other', async () => {
  for (const [file, other] of [
    ['standard.json', 'svix'],
    ['svix.json', 'standard'],
  ] as const) {
    const vectors = files.find((found) => found.file === file)?.vectors ?? []
    expect(vectors.length).toBeGreaterThan(20)
    for (const vector of vectors) expect(await outcomeOf(other, vector), vector.name).toEqual(vector.expect)
  }
})

async function outcomeOf(profile: Profile, vector: Vector): Promise<Vector['expect']> {
  const { secrets, toleranceSeconds, now, headers, body, bodyBase64 } = vector
  try {
    const verifier = createVerifier({
      profile,
      secret: secrets,
      ...(toleranceSeconds === undefined ? {} : { toleranceSeconds: toleranceSeconds ?? Infinity }),
      now: () => now * 1_000,
    })
    return { event: factsOf(await verifier.verify({ headers, body: body ?? Buffer.from(bodyBase64 ?? '', 'base64') })) }
  } catch (error) {
    if (error instanceof WebhookVerificationError) return { error: error.code }
    throw error
  }
}

function factsOf({ type, id, deliveryId, attempt, tenant, timestamp, unsigned }: VerifiedEvent): object {
  const facts = { type, id, deliveryId, attempt, tenant, timestamp: timestamp?.toISOString() }
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(known), ...(unsigned.length > 0 ? { unsigned } : {}) }
}

function readVectors(name: string): VectorFile & { readonly file: string } {
  return { file: basename(name), ...(JSON.parse(readFileSync(join(folder, name), 'utf8')) as VectorFile) }
}
