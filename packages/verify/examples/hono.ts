import { serve } from '@hono/node-server'
import { createVerifier, WebhookVerificationError } from '@jethook/verify'
import { Hono } from 'hono'

const verifier = createVerifier({ profile: 'standard', secret: process.env['WEBHOOK_SECRET'] })
const app = new Hono()

app.post('/webhooks', async (context) => {
  // Before anything else reads the body.
  const event = await verifier.verifyRequest(context.req.raw)
  // A webhook may come twice: remember event.id, and answer before any slow work.
  console.log(`Received ${event.type} ${event.id}`)
  return context.json({})
})

app.onError((error, context) => {
  if (!(error instanceof WebhookVerificationError)) throw error
  console.warn(error.message)
  return context.json({ error: error.code }, error.status)
})

// On Node. On Bun, Deno and Workers: export default app.
serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) }, ({ port }) =>
  console.log(`Listening on http://localhost:${port}`),
)
