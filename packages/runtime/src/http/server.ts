import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { answerFrameworkError, answerProblems, checkRequest } from './problems.ts'

export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

export interface HttpServerOptions {
  readonly logger: Logger
  readonly metrics: Registry
  /** Names what is missing for work to be done now; nothing when all is there. */
  readonly notReady: () => string | undefined | Promise<string | undefined>
  readonly maxBodyBytes?: number
  /** Serves the OpenAPI document and a reference page of the routes at /docs. */
  readonly reference?: ApiReference
}

export interface ApiReference {
  readonly title: string
  readonly description: string
  /** Headers other than X-API-Key in which some routes take keys, by the names that their `security` uses. */
  readonly keyHeaders?: Readonly<Record<string, string>>
}

/** What a request under way gets to finish when the server stops. */
const closeWithinMs = 5_000

/** An HTTP server with what all of ours share: schemas in zod, errors as problem documents, health and metrics. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const loggerInstance: FastifyBaseLogger = options.logger
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    // Whoever sends a request slower than this is not a client of ours.
    requestTimeout: 30_000,
    bodyLimit: options.maxBodyBytes ?? 1_048_576,
    // Idle keep-alive connections must not hold up a stop.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: answerFrameworkError,
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(checkRequest)
  app.setSerializerCompiler(serializerCompiler)
  answerProblems(app)
  // Nor must those that never end a request.
  app.addHook('preClose', () => void setTimeout(() => app.server.closeAllConnections(), closeWithinMs).unref())
  if (options.reference) await describeApi(app, options.reference)

  // Alive: the event loop turns. Ready: what the work needs is there.
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }))
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const missing = await options.notReady()
    return missing === undefined ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', missing })
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(options.metrics.contentType).send(await options.metrics.metrics()),
  )
  return app
}

async function describeApi(app: HttpServer, { title, description, keyHeaders = {} }: ApiReference) {
  const ofOwnHeaders = Object.entries(keyHeaders).map(
    ([name, header]) => [name, { type: 'apiKey', in: 'header', name: header }] as const,
  )
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: '1' },
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
          ...Object.fromEntries(ofOwnHeaders),
        },
      },
      security: [{ apiKey: [] }, { bearer: [] }],
    },
    transform: jsonSchemaTransform,
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
}
