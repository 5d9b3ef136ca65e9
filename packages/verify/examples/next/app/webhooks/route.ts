import { createVerifier, WebhookVerificationError, type Verifier } from '@jethook/verify'

// Made at the first request: `next build` loads this file where the secret may not be known.
let verifier: Verifier | undefined

export async function POST(request: Request): Promise<Response> {
  try {
    verifier ??= createVerifier({ profile: 'standard', secret: process.env['WEBHOOK_SECRET'] })
    const event = await verifier.verifyRequest(request)
    // A webhook may come twice: remember event.id, and answer before any slow work.
    console.log(`Received ${event.type} ${event.id}`)
    return Response.json({})
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    console.warn(error.message)
    return Response.json({ error: error.code }, { status: error.status })
  }
}
