import { isUtf8 } from 'node:buffer'
import { ProblemError } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'

/** A JSON body: what it says, and the bytes that say it. */
export interface JsonBody {
  readonly value: unknown
  readonly source: Buffer
}

/** Makes `request.body` a JsonBody, so that payloads can be handed on byte for byte. Takes nothing but JSON. */
export function keepJsonSource(app: HttpServer): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, source: Buffer, done) => {
    try {
      done(null, parseJsonBody(source))
    } catch (error) {
      done(error as ProblemError)
    }
  })
}

/** Throws `invalid_json` when nothing was sent: then there is no content type, and no parser was asked. */
export function bodyOf({ body }: { readonly body: unknown }): JsonBody {
  if (body === undefined || body === null) throw new ProblemError('invalid_json', 'The body is empty; send JSON.')
  return body as JsonBody
}

/** Throws `invalid_json`. */
export function parseJsonBody(source: Buffer): JsonBody {
  if (!isUtf8(source)) throw new ProblemError('invalid_json', 'The body is not UTF-8.')
  try {
    return { value: JSON.parse(source.toString('utf8')), source }
  } catch (error) {
    throw new ProblemError('invalid_json', `The body is not JSON: ${(error as SyntaxError).message}.`)
  }
}
