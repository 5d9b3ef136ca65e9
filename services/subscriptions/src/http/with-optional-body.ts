import { ProblemError } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'

/** Routes whose body may be left out, also by who sends an empty one with a `Content-Type`, as many clients do. */
export function withOptionalBody(app: HttpServer, addRoutes: (scope: HttpServer) => void): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
      Promise.resolve(body === '' ? undefined : parse(body)),
    )
    scope.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: string) => {
      if (body === '') return Promise.resolve()
      throw new ProblemError('unsupported_media_type', 'Send the body with Content-Type: application/json.')
    })
    addRoutes(scope)
    done()
  })
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new ProblemError('invalid_json', `The body is not valid JSON: ${(error as SyntaxError).message}.`)
  }
}
