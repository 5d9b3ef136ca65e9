import type { ConfigurationFollower } from '@jethook/configuration'
import { AcceptedEvent, BatchResult, Problem, PublishBatch, PublishEvent } from '@jethook/contracts'
import { readTraceContext, type HttpServer, type TraceContext } from '@jethook/runtime'
import { authorizePublisher } from './authorize-publisher.ts'
import { bodyOf, keepJsonSource } from './json-body.ts'
import { publishBatch } from './publish-batch.ts'
import { publishEvent, type PublishContext, type PublishRequest } from './publish-event.ts'
import { readBatch, readEvent } from './read-events.ts'

/** Room for the rest of the body around a payload. */
const envelopeBytes = 65_536
const batchMaxBytes = 8 * 1_048_576

/** `POST /v1/events` and `POST /v1/events/batch`, answered when JetStream stored the events. */
export function addPublishRoutes(app: HttpServer, follower: ConfigurationFollower, context: PublishContext): void {
  keepJsonSource(app)
  const bodyLimit = context.maxPayloadBytes + envelopeBytes
  const shared = {
    // Before the body is read: strangers cannot make us hold megabytes.
    onRequest: async (request: object & { headers: RequestHeaders }) => {
      const tenant = await authorizePublisher(follower, context.broker, request.headers)
      publishers.set(request, { tenant, trace: traceOf(request.headers) })
    },
    // The schemas of bodies are for the document: our own reading needs the bytes too, and names fields in a batch.
    validatorCompiler: () => (value: unknown) => ({ value }),
  }
  const publishers = new WeakMap<object, PublishRequest>()
  const publisherOf = (request: object): PublishRequest => publishers.get(request)!

  app.post(
    '/v1/events',
    {
      ...shared,
      bodyLimit,
      schema: {
        summary: 'Publish one event',
        description:
          'Answered when the event is stored. Send it again with the same id when no answer came: it is one event.',
        tags: ['events'],
        body: PublishEvent,
        response: { 202: AcceptedEvent, ...problemResponses },
      },
    },
    (request, reply) => {
      reply.code(202)
      const publisher = publisherOf(request)
      return publishEvent(context, publisher, readEvent(bodyOf(request), publisher.tenant), '')
    },
  )

  app.post(
    '/v1/events/batch',
    {
      ...shared,
      bodyLimit: Math.max(bodyLimit, batchMaxBytes),
      schema: {
        summary: 'Publish up to 500 events',
        description: 'One result per event, in their order. What is wrong with one does not hold up the others.',
        tags: ['events'],
        body: PublishBatch,
        response: { 200: BatchResult, ...problemResponses },
      },
    },
    (request) => {
      const publisher = publisherOf(request)
      return publishBatch(context, publisher, readBatch(bodyOf(request), publisher.tenant))
    },
  )
}

type RequestHeaders = Record<string, string | string[] | undefined>

const traceOf = ({ traceparent, tracestate }: RequestHeaders): TraceContext =>
  readTraceContext(onlyText(traceparent), onlyText(tracestate))

const onlyText = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})

const problemResponses = {
  400: problemResponse('invalid_json'),
  401: problemResponse('invalid_api_key'),
  403: problemResponse('forbidden: the key may not publish'),
  413: problemResponse('payload_too_large'),
  415: problemResponse('unsupported_media_type'),
  422: problemResponse(
    'invalid_request, invalid_event_type, unknown_event_type, invalid_event_id, payload_invalid: `errors` names the fields',
  ),
  503: problemResponse('broker_unavailable, stream_full: try again'),
}
