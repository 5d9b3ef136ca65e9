import type { HttpServer } from '@jethook/runtime'

/**
 * Routes that take no body take any: an empty one with `Content-Type: application/json`, which is what many clients
 * send, is not a syntax error here.
 */
export function withoutBody(app: HttpServer, addRoutes: (scope: HttpServer) => void): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, parsed) => parsed(null))
    addRoutes(scope)
    done()
  })
}
