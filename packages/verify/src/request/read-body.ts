import { encodeUtf8 } from '../encoding.ts'
import { WebhookVerificationError } from '../error.ts'

/**
 * A copy of the raw body, so that what is verified cannot change afterwards. Throws `body_not_raw` for anything else:
 * a signature is over bytes, and parsed JSON written again has other ones.
 */
export function readBody(body: unknown): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return encodeUtf8(body)
  if (ArrayBuffer.isView(body)) return Uint8Array.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  // Not instanceof: the buffer may come from another realm.
  if (Object.prototype.toString.call(body) === '[object ArrayBuffer]')
    return new Uint8Array(body as ArrayBuffer).slice()
  throw bodyNotRaw(`The body must be the raw bytes or text of the request, not ${describe(body)}`)
}

/** The error, with what to do about it in the usual frameworks. */
export function bodyNotRaw(problem: string): WebhookVerificationError {
  return new WebhookVerificationError('body_not_raw', `${problem}. ${remedies}`)
}

const remedies = [
  'How to get the raw body:',
  'Express: app.post(path, express.raw({ type: () => true, limit: "1mb" }), …), before any express.json(), then req.body.',
  'Fastify: app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body)), then request.body.',
  'Hono: verifyRequest(c.req.raw).',
  'Next.js route handlers, Remix, SvelteKit, Workers, Deno, Bun: verifyRequest(request), before anything else reads it.',
  'Next.js pages/api: export const config = { api: { bodyParser: false } }, and collect the request.',
  'NestJS: NestFactory.create(AppModule, { rawBody: true }), then req.rawBody.',
  'Koa: a raw body reader such as the package raw-body on ctx.req, before any body parser.',
  'AWS Lambda: event.body, decoded from base64 when event.isBase64Encoded.',
].join('\n- ')

function describe(body: unknown): string {
  if (body === undefined || body === null) return `${String(body)}: nothing has read it`
  if (typeof body !== 'object') return `a ${typeof body}`
  if ('then' in body) return 'a promise: await it first'
  if ('arrayBuffer' in body) return 'a request: use verifyRequest(request)'
  if ('getReader' in body || Symbol.asyncIterator in body) return 'a stream: read it to its end first'
  return 'an object: something has parsed it already'
}
