import { ProblemError, problemOf, shapeProblem, wording } from '@jethook/contracts'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { PublishError } from '../nats/publisher.ts'

/** Answers every error as a problem document (RFC 9457). The only place where errors become HTTP. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemFor(error, request)
    // The route, not the address: what stands in one may be a secret.
    if (problem.code === 'internal')
      request.log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'http.failed')
    sendProblem(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, new ProblemError('not_found', `There is no ${request.method} ${request.url.split('?')[0]}.`))
  })
}

/** For what goes wrong before there is a route: a path that cannot be decoded, or is too long. */
export function answerFrameworkError(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, new ProblemError('not_found', `There is no ${request.method} at an address like that.`))
}

function sendProblem(reply: FastifyReply, error: ProblemError): void {
  const problem = problemOf(error)
  void reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem)
}

function problemFor(error: FastifyError, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof PublishError) return brokerProblem(error)
  switch (error.code) {
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new ProblemError('invalid_json', `The body is not valid JSON: ${error.message}.`)
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ProblemError(
        'payload_too_large',
        `The body is larger than the ${request.routeOptions.bodyLimit} bytes that are allowed here.`,
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError('unsupported_media_type', 'Send the body with Content-Type: application/json.')
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new ProblemError('invalid_request', error.message)
  return new ProblemError('internal', 'Something unexpected happened; it was logged. Try again.', { cause: error })
}

/** What to answer when JetStream did not store something. */
export function brokerProblem(error: PublishError): ProblemError {
  return error.code === 'stream_full'
    ? new ProblemError('stream_full', 'Nothing was stored. Try again when there is room.', { cause: error })
    : new ProblemError('broker_unavailable', 'Nothing was confirmed as stored. Try again.', { cause: error })
}

/** Checks each part of a request: what is wrong with it is named field by field. */
export const checkRequest: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart: whole = 'body' }) => {
  return (data) => {
    const { error, data: value } = schema.safeParse(data, { error: wording })
    return error ? { error: shapeProblem(error.issues, { whole }) } : { value }
  }
}
