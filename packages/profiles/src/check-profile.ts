import type { FieldError, Profile } from '@jethook/contracts'
import { compileBody } from './compile-body.ts'
import { checkSchema } from './payload-schema.ts'
import { sampleFacts } from './sample-request.ts'
import { pathOfPointer } from './validate-payload.ts'

/** What is wrong with a document beyond its form, with the path of each field. Nothing: it can be stored and used. */
export function checkProfile(profile: Profile): FieldError[] {
  return [
    ...checkEnvelope(profile),
    ...profile.eventTypes.flatMap(({ schema }, index) => checkTypeSchema(schema, index)),
  ]
}

function checkEnvelope({ body }: Profile): FieldError[] {
  if (body === 'payload') return []
  try {
    JSON.parse(Buffer.from(compileBody(body)(sampleFacts('sample.event', '{"a":"b"}'))).toString('utf8'))
    return []
  } catch (error) {
    return [{ field: 'body.envelope', message: `does not become JSON: ${(error as SyntaxError).message}` }]
  }
}

function checkTypeSchema(schema: Record<string, unknown> | undefined, index: number): FieldError[] {
  const wrong = schema && checkSchema(schema)
  if (!wrong) return []
  const path = pathOfPointer(wrong.pointer)
  const separator = path === '' || path.startsWith('[') ? '' : '.'
  return [{ field: `eventTypes[${index}].schema${separator}${path}`, message: wrong.message }]
}
