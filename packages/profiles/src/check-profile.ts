import type { FieldError, Profile } from '@jethook/contracts'
import { compileBody } from './compile-body.ts'
import { checkSchema } from './payload-schema.ts'
import { sampleFacts } from './sample-request.ts'
import { pathOfPointer } from './validate-payload.ts'

/** What is wrong with a document beyond its form, with the path of each field. Nothing: it can be stored and used. */
export function checkProfile(profile: Profile): FieldError[] {
  return [
    ...checkEnvelope(profile),
    ...checkHeaders(profile),
    ...profile.signatures.flatMap(({ content }, index) =>
      isRepeated('{body}', content) ? [repeated(`signatures[${index}].content`, '{body}')] : [],
    ),
    ...profile.eventTypes.flatMap(({ schema }, index) => checkTypeSchema(schema, index)),
  ]
}

function checkEnvelope({ body }: Profile): FieldError[] {
  if (body === 'payload') return []
  if (isRepeated('{payload}', body.envelope)) return [repeated('body.envelope', '{payload}')]
  try {
    JSON.parse(Buffer.from(compileBody(body)(sampleFacts('sample.event', '{"a":"b"}'))).toString('utf8'))
    return []
  } catch (error) {
    return [{ field: 'body.envelope', message: `does not become JSON: ${(error as SyntaxError).message}` }]
  }
}

/** What is in memory for each attempt under way, and goes into the log: receivers take some 8 KB themselves. */
const maxHeaderCharacters = 8_192

function checkHeaders({ headers, userAgent, signatures }: Profile): FieldError[] {
  const texts = [
    ...Object.entries(headers).flat(),
    userAgent,
    ...signatures.flatMap(({ header, lead, prefix }) => [header, lead, prefix]),
  ]
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  if (length <= maxHeaderCharacters) return []
  const message = `must have at most ${maxHeaderCharacters} characters, those of signatures and userAgent included; there are ${length}`
  return [{ field: 'headers', message }]
}

/** A request would be larger than its event, or its signature take longer, by as much as a document likes. */
const isRepeated = (placeholder: string, template: string): boolean =>
  template.indexOf(placeholder) !== template.lastIndexOf(placeholder)

const repeated = (field: string, placeholder: string): FieldError => ({
  field,
  message: `must not hold ${placeholder} more than once`,
})

function checkTypeSchema(schema: Record<string, unknown> | undefined, index: number): FieldError[] {
  const wrong = schema && checkSchema(schema)
  if (!wrong) return []
  const path = pathOfPointer(wrong.pointer)
  const separator = path === '' || path.startsWith('[') ? '' : '.'
  return [{ field: `eventTypes[${index}].schema${separator}${path}`, message: wrong.message }]
}
