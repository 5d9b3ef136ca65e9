import { createVerifier, WebhookVerificationError } from '@jethook/verify'
import Fastify from 'fastify'

const verifier = createVerifier({ profile: 'standard', secret: process.env['WEBHOOK_SECRET'] })
const app = Fastify()

// In a scope of its own, so that your other routes still get parsed JSON.
app.register(async (webhooks) => {
  // The signature is over the bytes that came: keep them as they are.
  webhooks.removeAllContentTypeParsers()
  webhooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  webhooks.post<{ Body: Buffer }>('/webhooks', async (request) => {
    const event = await verifier.verify({ headers: request.headers, body: request.body })
    // A webhook may come twice: remember event.id, and answer before any slow work.
    console.log(`Received ${event.type} ${event.id}`)
    return {}
  })

  webhooks.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof WebhookVerificationError)) throw error
    console.warn(error.message)
    return reply.code(error.status).send({ error: error.code })
  })
})

console.log(`Listening on ${await app.listen({ port: Number(process.env['PORT'] ?? 3000) })}`)
