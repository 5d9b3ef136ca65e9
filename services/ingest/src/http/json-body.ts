import { isUtf8 } from 'node:buffer'
import { ProblemError } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'

/** A JSON body: what it says, and the bytes that say it. */
export interface JsonBody {
  readonly value: unknown
  readonly source: Buffer
}

/** Makes `request.body` a JsonBody, so that payloads can be handed on byte for byte. */
export function keepJsonSource(app: HttpServer): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, source: Buffer, done) => {
    try {
      done(null, parseJsonBody(source))
    } catch (error) {
      done(error as ProblemError)
    }
  })
}

/** Throws `invalid_json`. */
export function parseJsonBody(source: Buffer): JsonBody {
  if (!isUtf8(source)) throw new ProblemError('invalid_json', 'The body is not UTF-8.')
  try {
    return { value: JSON.parse(source.toString('utf8')), source }
  } catch (error) {
    const why = source.length === 0 ? 'it is empty' : (error as SyntaxError).message
    throw new ProblemError('invalid_json', `The body is not JSON: ${why}.`)
  }
}
