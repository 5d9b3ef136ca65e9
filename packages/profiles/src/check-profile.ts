import type { FieldError, Profile } from '@jethook/contracts'
import { compileBody } from './compile-body.ts'
import { checkSchema } from './payload-schema.ts'
import type { RequestFacts } from './request-facts.ts'
import { sampleFacts } from './sample-request.ts'
import { compileText } from './template.ts'
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
  const field = 'body.envelope'
  const render = compileBody(body)
  try {
    JSON.parse(Buffer.from(render(sampleFacts('sample.event', '{"a":"b"}'))).toString('utf8'))
  } catch (error) {
    return [{ field, message: `does not become JSON: ${(error as SyntaxError).message}` }]
  }
  const { length } = Buffer.from(render(longestFacts)).toString('utf8')
  return length <= maxEnvelopeCharacters ? [] : [tooLong(field, maxEnvelopeCharacters, length)]
}

/** All of the profile's together, which are in memory for each attempt under way, and go into the log: receivers take some 8 KB themselves. */
const maxHeaderCharacters = 8_192
/** Twice what a template may have. */
const maxEnvelopeCharacters = 32_768

/** What a placeholder of ten characters stands for may be more than ten times as long. */
const longestFacts: RequestFacts = {
  ...sampleFacts('t'.repeat(128), ''),
  tenant: 't'.repeat(63),
  eventId: 'e'.repeat(128),
  attempt: 1_000_000,
}

function checkHeaders({ headers, userAgent, signatures }: Profile): FieldError[] {
  const texts = [
    ...Object.entries(headers).flat(),
    userAgent,
    ...signatures.flatMap(({ header, lead, prefix }) => [header, lead, prefix]),
  ]
  const length = texts.reduce((sum, text) => sum + compileText(text)(longestFacts).length, 0)
  return length <= maxHeaderCharacters
    ? []
    : [tooLong('headers', maxHeaderCharacters, length, ', those of signatures and userAgent included')]
}

const tooLong = (field: string, most: number, length: number, which = ''): FieldError => ({
  field,
  message: `must have at most ${most} characters${which}, placeholders at their longest; there are ${length}`,
})

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
