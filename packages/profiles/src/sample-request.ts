import type { Profile } from '@jethook/contracts'
import { compileProfile } from './compile.ts'
import { createRenderer } from './create-renderer.ts'
import { generateSecret, publicKeyOf, type SecretKind } from './generate-secret.ts'
import type { RequestFacts } from './request-facts.ts'

export interface SampleRequest {
  readonly method: 'POST'
  readonly headers: Record<string, string>
  readonly body: string
  /** What it is signed with: a secret made for this sample. */
  readonly secret: string
  readonly publicKey: string | null
}

export interface SampleOptions {
  readonly eventType: string
  /** A JSON text. */
  readonly payload: string
  readonly secretKind?: SecretKind | undefined
  readonly nowMs: number
}

/** What a receiver would get, for an event that never happened. */
export function sampleRequest(
  profile: Profile,
  { eventType, payload, secretKind, nowMs }: SampleOptions,
): SampleRequest {
  const secret = generateSecret(profile, secretKind)
  const secrets = [{ text: secret }]
  // Of those that a header may have, one at a time: a subscription is the account's or an app's.
  const keys = profile.signatures.some(({ key }) => key === 'account') ? { account: secrets } : { app: secrets }
  const render = createRenderer({ profile: compileProfile(profile), secrets: { subscription: secrets, ...keys } })
  const { headers, body } = render({ ...sampleFacts(eventType, payload), nowMs, eventTimeMs: nowMs })
  return {
    method: 'POST',
    headers,
    body: Buffer.from(body).toString('utf8'),
    secret,
    publicKey: publicKeyOf(profile, secret) ?? null,
  }
}

export const sampleFacts = (eventType: string, payload: string): RequestFacts => ({
  tenant: 'sample-tenant',
  eventId: 'evt_019a5f3c7e11d2c4b8a09f1e6d3c',
  eventType,
  eventTimeMs: 1_738_420_200_000,
  deliveryId: 'dlv_4f6a1d0c9b8e7f6a5d4c3b2a1f0e9d8c',
  attempt: 1,
  nowMs: 1_738_420_200_000,
  payload: Buffer.from(payload),
})
