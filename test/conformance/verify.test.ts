import { compileProfile, createRenderer, generateSecret, publicKeyOf, shippedProfiles } from '@jethook/profiles'
import { createVerifier, type ProfileName, type VerificationProfile } from '@jethook/verify'
import { expect, test } from 'vitest'

/** Every signature that a shipped profile can make, as a receiver that installs @jethook/verify sees it. */
const cases = [...shippedProfiles.values()].flatMap((profile) =>
  (['hmac', 'ed25519'] as const)
    .filter((kind) => kind === 'hmac' || profile.signatures.some(({ algorithm }) => algorithm === kind))
    .map((kind) => ({ profile, kind })),
)

const payload = JSON.stringify({
  event: { event_type: 'signature_request_sent', event_time: Date.now() },
  n: '10.00',
})
const facts = {
  tenant: 'acme',
  eventId: 'evt_1',
  eventType: 'user.created',
  eventTimeMs: Date.now(),
  deliveryId: 'dlv_1',
  attempt: 1,
  nowMs: Date.now(),
  payload: Buffer.from(payload),
}

test.each(cases)(
  '$profile.name, $kind: a request verifies by the name and by the document',
  async ({ profile, kind }) => {
    const [oldSecret, newSecret] = [generateSecret(profile, kind), generateSecret(profile, kind)]
    const rotating = [{ text: newSecret }, { text: oldSecret, untilMs: facts.nowMs + 1_000 }]
    const render = createRenderer({
      profile: compileProfile(profile),
      secrets: { subscription: rotating, account: [{ text: newSecret }] },
    })
    const request = render(facts)
    const both = profile.secret.overlapMs > 0 && profile.signatures.some(({ separator }) => separator !== '')
    for (const secret of both ? [oldSecret, newSecret] : [newSecret]) {
      const receiverSecret = publicKeyOf(profile, secret) ?? secret
      const documents = [profile.name as ProfileName, profile as VerificationProfile]
      for (const document of documents) {
        const verifier = createVerifier({ profile: document, secret: receiverSecret })
        expect(Buffer.from((await verifier.verify(request)).bytes).equals(request.body)).toBe(true)
        const forged = { ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) }
        await expect(verifier.verify(forged)).rejects.toMatchObject({ code: 'signature_mismatch' })
      }
    }
  },
)
