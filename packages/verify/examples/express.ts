import { createVerifier, WebhookVerificationError } from '@jethook/verify'
import express from 'express'

const verifier = createVerifier({ profile: 'standard', secret: process.env['WEBHOOK_SECRET'] })
const app = express()

// The signature is over the bytes that came: express.raw keeps them. Its limit is 100 KB unless you say otherwise.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), async (request, response) => {
  try {
    const event = await verifier.verify({ headers: request.headers, body: request.body })
    // A webhook may come twice: remember event.id, and answer before any slow work.
    console.log(`Received ${event.type} ${event.id}`)
    response.status(200).json({})
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    console.warn(error.message)
    response.status(error.status).json({ error: error.code })
  }
})

// After the webhooks: what parses JSON for everybody must not come first.
app.use(express.json())

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  const address = server.address()
  console.log(`Listening on http://localhost:${typeof address === 'object' ? address?.port : address}`)
})
